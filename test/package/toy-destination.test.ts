import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { cleanClone, type Ended, freshEnvironment, shell } from './clean-clone.ts';

const ended = z.object({ confirmed: z.number(), pending: z.number(), rejected: z.number() });

let folder: string;
let clone: string;
let temporal: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync toy '));
  clone = join(folder, 'mdti-sync');
  await mkdir(join(folder, 'home'));
  await cleanClone(clone);
  await addToy();
  const found = { env: process.env, cacheDir: cacheFolder(process.env), say: () => undefined };
  temporal = (await locateTemporal(found)).path;
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One folder, and one line. */
async function addToy(): Promise<void> {
  await mkdir(join(clone, 'destinations/toy'));
  const text = await readFile('test/package/toy/index.ts', 'utf8');
  const moved = text.replaceAll('../../../destinations/', '../').replaceAll('../../../', '../../');
  await writeFile(join(clone, 'destinations/toy/index.ts'), moved);
  await appendFile(join(clone, 'destinations/registry.ts'), "export { toy } from './toy/index.ts';\n");
}

async function run(line: string): Promise<Ended> {
  const env = { ...freshEnvironment(join(folder, 'home')), TEMPORAL_CLI: temporal };
  const done = await shell(line, { cwd: clone, env });
  if (done.code !== 0) throw new Error(`${line} ended with ${done.code}:\n${done.stdout}\n${done.stderr}`);
  return done;
}

test('a destination is one folder and one line: it is known to the configuration, and a sync fills it', async () => {
  await run('npm run --silent build');
  const schema = await run('node bin/mdti-sync.cjs config schema');
  expect(schema.stdout).toContain('Where it has its things.');
  const keep = join(folder, 'kept');
  const demo = `node bin/mdti-sync.cjs demo --destination toy --once --json --indicators 200 --keep '${keep}'`;
  const done = await run(demo);
  const { confirmed, pending, rejected } = ended.parse(JSON.parse(done.stdout.trim().split('\n').at(-1) ?? ''));
  expect({ pending, rejected }).toEqual({ pending: 0, rejected: 0 });
  expect(confirmed).toBeGreaterThan(50);
  expect(await readdir(join(keep, 'destination'))).toHaveLength(confirmed);
}, 600_000);
