import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshEnvironment, shell } from './clean-clone.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync command file '));
  await cp('bin', join(folder, 'bin'), { recursive: true });
  await cp('package.json', join(folder, 'package.json'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const command = (nodeArgs = '') =>
  shell(`node ${nodeArgs} bin/mdti-sync.cjs --version`, { cwd: folder, env: freshEnvironment(folder) });

describe('a Node.js that is too old', () => {
  test.each(['0.10.48', '12.22.12', '18.20.8', '20.18.3'])('%s: a sentence, and exit code 2', async (version) => {
    const pretends = join(folder, 'pretends.cjs');
    await writeFile(
      pretends,
      `Object.defineProperty(process.versions, 'node', { value: '${version}' });
       Object.defineProperty(process, 'version', { value: 'v${version}' });`,
    );
    const { code, stdout, stderr } = await command('--require ./pretends.cjs');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `mdti-sync: Node.js ${version} is too old: 20.19 or later is needed (https://nodejs.org). The one in use is ${process.execPath}.\n`,
    );
  });

  test('can read the files that say so', async () => {
    const newer = /=>|`|\b(let|const|class|async|await|import|export)\b|\?\.|\?\?|\.\.\.|node:|,\s*\)/;
    for (const file of ['mdti-sync.cjs', 'require-node.cjs']) {
      const code = (await readFile(join('bin', file), 'utf8')).replaceAll(/^(\/\/|#!).*$/gm, '');
      expect(code.match(newer), file).toBeNull();
    }
    // What is newer comes after the check.
    expect(await readFile('bin/mdti-sync.cjs', 'utf8')).toMatch(
      /require\('\.\/require-node\.cjs'\);\nrequire\('\.\/start\.cjs'\);\n$/,
    );
  });

  test('is asked for by the build, too', async () => {
    expect(JSON.parse(await readFile('package.json', 'utf8')).scripts.build).toMatch(
      /^node bin\/require-node\.cjs && /,
    );
  });
});

test('before a build it says what to run, and where', async () => {
  const before = await command();
  expect(before).toEqual({
    code: 2,
    stdout: '',
    stderr: `mdti-sync: It is not built yet: run "npm ci --include=dev && npm run build" in ${folder}, once and after each update.\n`,
  });
  // With what it takes to build.
  await mkdir(join(folder, 'node_modules/typescript'), { recursive: true });
  expect((await command()).stderr).toContain('run "npm run build" in');
  // An interrupted build.
  await mkdir(join(folder, 'dist/client/cli'), { recursive: true });
  await writeFile(join(folder, 'dist/client/cli/main.js'), '');
  expect((await command()).stderr).toContain('run "npm run build" in');
});

test('without its packages it says what to run', async () => {
  await mkdir(join(folder, 'dist/client/cli'), { recursive: true });
  await mkdir(join(folder, 'dist/ledger'), { recursive: true });
  await writeFile(join(folder, 'dist/client/cli/main.js'), `import 'commander-of-nothing';`);
  await writeFile(join(folder, 'dist/ledger/prepared.tgz'), '');
  expect(await command()).toEqual({
    code: 2,
    stdout: '',
    stderr: `mdti-sync: A package that it needs is not installed (Cannot find package 'commander-of-nothing'): run "npm ci" in ${folder}.\n`,
  });
});
