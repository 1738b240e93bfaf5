import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { formatProblems } from '../../config/problem.ts';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { Secret } from '../../config/secret.ts';

const read = (path: string) => readFile(path, 'utf8');

async function configWith(folder: string, azure: string, ledger = '') {
  const file = join(folder, 'mdti-sync.yaml');
  await writeFile(
    file,
    `${ledger}
azure: ${azure}
pipelines:
  p1:
    schedule: { every: 15m }
    source: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee }
    destination: { type: threatstream, user: { env: TS_USER }, apiKey: { file: '${join(folder, 'key')}' } }
`,
  );
  const loaded = await loadConfig(file);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems, file));
  return loaded.config;
}

const folder = () => mkdtemp(join(tmpdir(), 'mdti-sync-config-'));

test('secrets take the place of their references, without the line break of their file', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'the key \n');
  const config = await configWith(
    at,
    '{ credential: clientSecret, tenantId: t, clientId: c, clientSecret: { env: AZ } }',
  );
  const resolved = await resolveSecrets(config, { TS_USER: 'me', AZ: 's3cret' }, read);
  if (!resolved.ok) throw new Error(resolved.problems.join('\n'));
  expect(resolved.config.pipelines['p1']?.destination.user.reveal()).toBe('me');
  expect(resolved.config.pipelines['p1']?.destination.apiKey.reveal()).toBe('the key ');
  expect(resolved.config.azure.clientSecret?.reveal()).toBe('s3cret');
  expect(resolved.config.ledger).toEqual({ path: './.mdti-sync/ledger' });
  expect(JSON.stringify(resolved.config)).not.toMatch(/s3cret|the key/);
});

test('the ledger is where the file says, else where LEDGER_URL says', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'k');
  const env = { TS_USER: 'me', LEDGER_URL: 'postgres://db/one', OTHER: 'postgres://db/two' };
  const urlOf = async (ledger: string) => {
    const resolved = await resolveSecrets(await configWith(at, '{}', ledger), env, read);
    if (!resolved.ok) return resolved.problems;
    return 'url' in resolved.config.ledger ? resolved.config.ledger.url.reveal() : resolved.config.ledger.path;
  };
  expect(await urlOf('')).toBe('postgres://db/one');
  expect(await urlOf('ledger: { url: { env: OTHER } }')).toBe('postgres://db/two');
  expect(await urlOf('ledger: { path: ./here }')).toBe('./here');
});

test('everything that is missing is told at once, by setting and by variable or file', async () => {
  const at = await folder();
  const config = await configWith(
    at,
    '{ credential: clientSecret, tenantId: t, clientId: c, clientSecret: { env: AZ } }',
  );
  const missing = await resolveSecrets(config, { AZ: ' ' }, read);
  expect(missing).toEqual({
    ok: false,
    problems: [
      'azure.clientSecret: the environment variable AZ is empty. Put the secret there.',
      'pipelines.p1.destination.user: the environment variable TS_USER is not set. Set it and try again.',
      expect.stringMatching(/^pipelines\.p1\.destination\.apiKey: the file .*key cannot be read \(ENOENT\)/),
    ],
  });
  await writeFile(join(at, 'key'), '\n');
  const empty = await resolveSecrets(config, { AZ: 'a', TS_USER: 'b' }, read);
  expect(empty).toEqual({ ok: false, problems: [expect.stringContaining('is empty')] });
});

test('a file that is not there is a problem like any other', async () => {
  const missing = await loadConfig('/nowhere/mdti-sync.yaml');
  expect(missing.ok ? '' : formatProblems(missing.problems, '/nowhere/mdti-sync.yaml')).toBe(
    '/nowhere/mdti-sync.yaml: there is no such file.',
  );
});

test('a secret prints as [secret], however it is printed', () => {
  const secret = new Secret('s3cret');
  expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })}`).toBe(
    '[secret] {"secret":"[secret]"} { secret: [secret] }',
  );
  expect(secret.reveal()).toBe('s3cret');
});
