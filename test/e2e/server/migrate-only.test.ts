import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { type Finished, run } from '../command.ts';

const CONFIG = `
pipelines:
  threatstream:
    schedule: { every: 15m }
    source: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee }
    destination: { type: threatstream, user: { env: THREATSTREAM_USER }, apiKey: { env: THREATSTREAM_API_KEY } }
`;

test('worker --migrate-only makes the tables, with no other secret than the ledger’s', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'mdti-sync migrate '));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await writeFile(join(cwd, 'mdti-sync.yaml'), CONFIG);
  const url = await ownDatabase();
  const migrate = (address: string): Promise<Finished> =>
    run(['worker', '--migrate-only'], { cwd, env: { LEDGER_URL: address } });
  const first = await migrate(url);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/^The ledger has the schema of this release now\. Added: 0001-first, .*\.\n$/);
  expect(await migrate(url)).toMatchObject({ code: 0, stdout: 'The ledger has the schema of this release.\n' });
  const wrong = new URL(url);
  wrong.password = 'c0rrect-horse';
  const refused = await migrate(wrong.href);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    /^mdti-sync: The ledger at 127\.0\.0\.1:\d+\/\w+ did not accept the password of user /m,
  );
  expect(refused.stderr).not.toContain('c0rrect-horse');
});
