import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Finished, launch, run } from '../e2e/command.ts';

// So long only on a machine that is busy with something else.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
let here: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync starts '));
  here = join(folder, 'a working directory');
  await mkdir(here);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** No demo of these comes as far as to need a real one. */
async function temporalThat(does: string): Promise<Readonly<Record<string, string>>> {
  const path = join(folder, 'temporal');
  const version = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)';
  await writeFile(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; exit 0; fi\n${does}\n`, {
    mode: 0o755,
  });
  return { TEMPORAL_CLI: path };
}

const demo = async (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished> =>
  run(['demo', '--once', ...args], { cwd: here, env: { ...(await temporalThat('exit 7')), ...env } });

const demoOn = async (does: string, args: readonly string[]): Promise<Finished> =>
  run(['demo', '--once', ...args], { cwd: here, env: await temporalThat(does) });

/** One sentence, exit code 2, and nothing left in the working directory. */
async function expectRefused(finished: Finished, sentence: string | RegExp): Promise<void> {
  expect(finished.stderr).toMatch(sentence);
  expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code: 2, stdout: '' });
  expect(await readdir(here)).toEqual([]);
}

describe('--keep', () => {
  test.each(['', '  '])('%j is no folder', async (keep) => {
    const finished = await demo(['--keep', keep]);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain("option '--keep <dir>'");
    expect(finished.stderr).toContain('It must be a path.');
    expect(await readdir(here)).toEqual([]);
  });

  test.each(['/proc/x', '/proc/x/y/z', '/sys/x', '/dev/null/x'])('%s takes no folder', async (keep) => {
    const finished = await demo(['--keep', keep]);
    await expectRefused(
      finished,
      /^mdti-sync: --keep: \/\S+ cannot be used: .* Name a folder that this user may write to\.$/m,
    );
  });

  test('is not a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    await expectRefused(await demo(['--keep', file]), 'there is a file of that name (EEXIST)');
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  test.each(['mdti-sync.yaml', 'temporal.db', 'worker.log'])('leaves a %s alone that was there', async (name) => {
    const keep = join(folder, 'mine');
    await mkdir(keep);
    await writeFile(join(keep, name), 'pipelines: {}\n');
    await expectRefused(
      await demo(['--keep', keep]),
      `mdti-sync: --keep: ${keep} has ${name} already, and not of a demo: nothing was touched. Name a new folder, or one that a demo has kept its state in.\n`,
    );
    expect(await readdir(keep)).toEqual([name]);
    expect(await readFile(join(keep, name), 'utf8')).toBe('pipelines: {}\n');
  });

  test('leaves alone what a link leads to, and the ledger of a worker', async () => {
    const keep = join(folder, 'mine');
    await mkdir(join(keep, 'ledger'), { recursive: true });
    await writeFile(join(folder, 'elsewhere.yaml'), 'pipelines: {}\n');
    await symlink(join(folder, 'elsewhere.yaml'), join(keep, 'mdti-sync.yaml'));
    await expectRefused(await demo(['--keep', keep]), 'has mdti-sync.yaml, ledger already');
    expect(await readFile(join(folder, 'elsewhere.yaml'), 'utf8')).toBe('pipelines: {}\n');
    expect(await readdir(join(keep, 'ledger'))).toEqual([]);
  });

  test('takes a folder with other files in it, and knows it again', async () => {
    const keep = join(folder, 'mine');
    await mkdir(keep);
    await writeFile(join(keep, 'feed.csv'), 'type,value\nmd5,0123456789abcdef0123456789abcdef\n');
    for (const _ of ['first', 'second']) {
      const finished = await demo(['--keep', keep, '--feed', join(keep, 'feed.csv')]);
      expect(finished.stderr).toContain('mdti-sync: The Temporal dev server ended before it was ready');
    }
    expect(await readdir(keep)).toEqual(
      expect.arrayContaining(['feed.csv', 'ledger', 'mdti-sync.yaml', 'sandbox', 'temporal.log']),
    );
  });

  test('with the state of another source is refused by the sandbox’s own sentence, and no second one', async () => {
    const keep = join(folder, 'mine');
    const feed = join(folder, 'feed.csv');
    await writeFile(feed, 'type,value\nmd5,0123456789abcdef0123456789abcdef\n');
    await demo(['--keep', keep, '--indicators', '10']);
    // It takes as long as it takes the sandbox to see what it is given.
    const finished = await demoOn('exec sleep 600', ['--keep', keep, '--feed', feed]);
    expect(finished.code).toBe(2);
    const said = finished.stderr.split('\n').filter((line) => line.startsWith('mdti-sync: '));
    expect(said).toEqual([
      'mdti-sync: The kept state came from generated indicators: start without a feed, or keep the state elsewhere.',
    ]);
    expect(finished.stderr).not.toContain('The sandbox ended');
  });
});

describe('--feed', () => {
  test.each([
    ['an empty one', '', /feed\.csv cannot be read: it is empty\./],
    ['one without known columns', 'a;b\n1;2\n', /line 1 has "a", "b", and "type" and "value" are missing/],
    ['one with a mistake in a line', 'type,value\nmd5,aa\nurl,http://a.example/?a=1,2\n', /line 3 has 3 cells/],
  ])('%s is refused before anything is begun', async (_, content, why) => {
    const feed = join(folder, 'feed.csv');
    const keep = join(folder, 'kept');
    await writeFile(feed, content);
    await expectRefused(await demo(['--feed', feed, '--keep', keep]), why);
    await expectRefused(await run(['sandbox', '--feed', feed], { cwd: here }), why);
    expect(await readdir(folder)).not.toContain('kept');
  });

  test('that is not there, or a folder, or without a name', async () => {
    await expectRefused(await demo(['--feed', 'none.csv']), 'there is no such file');
    await expectRefused(await demo(['--feed', folder]), 'it is a folder, and not a file');
    const unnamed = await demo(['--feed', '']);
    expect({ code: unnamed.code, stdout: unnamed.stdout }).toEqual({ code: 2, stdout: '' });
    expect(unnamed.stderr).toContain('It must be a path.');
  });
});

describe('options', () => {
  test.each([
    ['demo', '--minimum-score', '101', 'from 0 to 100'],
    ['demo', '--indicators', '', 'a whole number'],
    ['demo', '--indicators', '1e99', 'a whole number'],
    ['demo', '--seed', ' ', 'a whole number'],
    ['sandbox', '--port', '65536', 'from 0 to 65535'],
  ])('%s %s %j is wrong', async (command, option, value, what) => {
    const finished = await run([command, option, value], { cwd: here });
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code: 2, stdout: '' });
    expect(finished.stderr).toContain(what);
  });

  test('a port that is taken, an address of another machine, a folder that cannot be', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const sandbox = (...args: string[]) => run(['sandbox', '--indicators', '1', ...args], { cwd: here });
    await expectRefused(
      await sandbox('--port', String(port)),
      `The sandbox cannot listen on 127.0.0.1, port ${port} (EADDRINUSE): another process has that port. Give it another port, or 0 for a free one.`,
    );
    other.close();
    await expectRefused(await sandbox('--listen', '192.0.2.1'), 'this machine has no such address');
    await expectRefused(await sandbox('--keep', '/proc/x/y'), '--keep: /proc/x/y cannot be made');
  });
});

describe('Temporal', () => {
  /** Neither a binary, nor where one would be kept. */
  const NOTHING_FOUND = { TEMPORAL_CLI: '', XDG_CACHE_HOME: '', MDTI_SYNC_CACHE_DIR: '', PATH: '/proc/nothing' };

  test('a HOME that cannot be written to: the way out is named', async () => {
    await expectRefused(
      await demo([], { ...NOTHING_FOUND, HOME: '/proc/nobody' }),
      'mdti-sync: There is no temporal on PATH, and /proc/nobody/.cache/mdti-sync, where the Temporal CLI would be kept, cannot be used: its file system takes no new files (ENOENT). Set TEMPORAL_CLI to the path of a temporal binary, or MDTI_SYNC_CACHE_DIR to a folder that this user may write to.',
    );
  });

  test('a HOME that is empty is not the working directory', async () => {
    await expectRefused(
      await demo([], { ...NOTHING_FOUND, HOME: '' }),
      'mdti-sync: There is no temporal on PATH, and this user has no home folder (HOME), where the Temporal CLI would be kept. Set TEMPORAL_CLI to the path of a temporal binary, or MDTI_SYNC_CACHE_DIR to a folder that this user may write to.',
    );
  });

  test('a TEMPORAL_CLI that is none', async () => {
    await expectRefused(
      await demo([], { TEMPORAL_CLI: '/nowhere/temporal' }),
      'TEMPORAL_CLI is /nowhere/temporal, which does not run: there is no such program.',
    );
  });

  test('no place for what passes', async () => {
    await expectRefused(await demo([], { TMPDIR: '/proc/x' }), /could be made in \/proc\/x: .* Set TMPDIR/);
  });

  test.each([
    ['exit 7', '(exit code 7) and said nothing. Set TEMPORAL_CLI to another binary than '],
    ['kill -KILL $$', '(by SIGKILL) and said nothing. Set TEMPORAL_CLI to another binary than '],
    ['echo "file is not a database"; exit 1', '(exit code 1): file is not a database'],
  ])('a server that ends at once: %s', async (does, how) => {
    const finished = await demoOn(does, ['--indicators', '10']);
    expect(finished.code).toBe(1);
    const said = finished.stderr.split('\n').filter((line) => line.startsWith('mdti-sync: '));
    expect(said).toEqual([
      expect.stringContaining(`mdti-sync: The Temporal dev server ended before it was ready ${how}`),
    ]);
  });

  test('a server that never answers does not keep a SIGTERM waiting', async () => {
    const began = join(folder, 'began');
    const env = await temporalThat(`: > '${began}'\nexec sleep 600`);
    const starting = launch(['demo', '--indicators', '10'], { cwd: here, env });
    await expect.poll(() => readdir(folder), { timeout: 60_000 }).toContain('began');
    expect(await starting.stop('SIGTERM')).toBe(130);
    expect(starting.stderr()).not.toMatch(/^\s+at /m);
  });

  test('a look for the binary does not keep a SIGTERM waiting', async () => {
    const slow = join(folder, 'slow');
    await writeFile(slow, `#!/bin/sh\n: > '${join(folder, 'asked')}'\nexec sleep 20\n`, { mode: 0o755 });
    const starting = launch(['demo', '--indicators', '10'], { cwd: here, env: { TEMPORAL_CLI: slow } });
    await expect.poll(() => readdir(folder), { timeout: 60_000 }).toContain('asked');
    expect(await starting.stop('SIGTERM')).toBe(130);
  });
});
