import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { ROOMS, readSources } from '../architecture/source-files.ts';
import { cleanClone, type Ended, freshEnvironment, installedPackages, shell } from './clean-clone.ts';

let folder: string;
let clone: string;
let elsewhere: string;
let env: NodeJS.ProcessEnv;

const inClone = (line: string): Promise<Ended> => shell(line, { cwd: clone, env });
const installed = (line: string): Promise<Ended> => shell(line, { cwd: elsewhere, env });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync packed '));
  clone = join(folder, 'clone');
  elsewhere = join(folder, 'an empty folder');
  await mkdir(join(folder, 'home'));
  await mkdir(join(folder, 'tmp'));
  await mkdir(elsewhere);
  const temporal = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say: () => undefined });
  env = { ...freshEnvironment(join(folder, 'home')), TEMPORAL_CLI: temporal.path, TMPDIR: join(folder, 'tmp') };
  await cleanClone(clone);
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('in a checkout', () => {
  test('npx runs the command right after `npm ci`, which says that it has to be built', async () => {
    expect(await inClone('npx mdti-sync --version')).toEqual({
      code: 2,
      stdout: '',
      stderr: `mdti-sync: It is not built yet: run "npm run build" in ${clone}, once and after each update.\n`,
    });
  });

  test('it can be packed before it was built, and npx runs what was built', { timeout: 300_000 }, async () => {
    const packed = await inClone('npm pack --silent');
    expect(packed.code, packed.stderr).toBe(0);
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(packed.stdout.trim().split('\n').at(-1)).toBe(`mdti-sync-${version}.tgz`);
    expect(await inClone('npx mdti-sync --version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('the package, installed in an empty folder', () => {
  beforeAll(async () => {
    // npm takes what is needed from these, without a registry, and removes the others.
    await installedPackages(elsewhere);
    await rm(join(elsewhere, 'node_modules/.package-lock.json'), { force: true });
    await writeFile(join(elsewhere, 'package.json'), '{ "private": true }');
    const { code, stdout, stderr } = await installed('npm install --no-audit --no-fund ../clone/mdti-sync-*.tgz');
    expect(code, stdout + stderr).toBe(0);
    await expect(access(join(elsewhere, 'node_modules/vitest'))).rejects.toThrow('ENOENT');
  }, 300_000);

  test('has a command', async () => {
    const { code, stdout, stderr } = await installed('npx mdti-sync --help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: mdti-sync /);
  });

  test('has an example that is right', async () => {
    const example = 'node_modules/mdti-sync/config/example.yaml';
    const secrets = 'TEMPORAL_ADDRESS=127.0.0.1:1 AZURE_CLIENT_SECRET=a THREATSTREAM_USER=b THREATSTREAM_API_KEY=c';
    const { code, stdout, stderr } = await installed(`${secrets} npx mdti-sync config check --config ${example}`);
    // No Temporal is there to be asked.
    const unasked = 'Temporal was not reached: nobody has looked for schedules of pipelines that are gone.\n';
    expect({ code, stderr }).toEqual({ code: 0, stderr: unasked });
    expect(stdout).toContain(`${example} is right`);
  });

  test('runs the demo', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await installed('npx mdti-sync demo --once --json --indicators 50');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ pending: 0, rejected: 0 });
  });

  test('has every page and file that its pages and messages point to', async () => {
    const root = join(elsewhere, 'node_modules/mdti-sync');
    const has = (path: string) =>
      access(join(root, path)).then(
        () => true,
        () => false,
      );
    const pages = [
      'README.md',
      'docs/deployment.md',
      'docs/indicators.md',
      'docs/ledger.md',
      'docs/security.md',
      'docs/upgrade.md',
    ];
    const linked: string[] = [];
    for (const page of pages) {
      const text = await readFile(join(root, page), 'utf8');
      for (const [, to = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        // The rooms of the source are in the repository.
        if (/\.\w+$/.test(to) || to === 'LICENSE') linked.push(normalize(join(dirname(page), to)));
      }
    }
    const sources = await readSources(ROOMS);
    const named = sources.flatMap(({ text }) =>
      Array.from(text.matchAll(/\b(?:docs\/[\w-]+\.md|config\/example\.yaml|deploy\/[\w/.-]+\w)/g), ([path]) => path),
    );
    expect(linked.length).toBeGreaterThan(8);
    expect(named.length).toBeGreaterThan(0);
    const missing: string[] = [];
    for (const path of new Set([...linked, ...named])) if (!(await has(path))) missing.push(path);
    expect(missing).toEqual([]);
  });
});
