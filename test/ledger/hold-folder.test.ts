import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Holder, thisProcess } from '../../ledger/folder-holder.ts';
import { type HeldFolder, holdFolder, LOCK_FOLDER } from '../../ledger/hold-folder.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { startOther } from './other-process.ts';

let folder: string;
beforeEach(async () => {
  // Longer than a path of a socket may be.
  folder = join(await mkdtemp(join(tmpdir(), 'mdti-sync held ')), 'x'.repeat(120));
  await mkdir(folder);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const TAKEN = /is open already \(process \d+ on .*, since 20.*Z\), and takes one process at a time\..* ledger\.url/;
const newest = async (): Promise<string | undefined> =>
  (await readdir(join(folder, LOCK_FOLDER)))
    .filter((name) => name.startsWith('lock.'))
    .toSorted()
    .at(-1);

/** Holds the folder, and lets go of it: true when that went. */
async function canBeHeld(path = folder): Promise<boolean> {
  const held = await holdFolder(path).catch(() => null);
  await held?.release();
  return held !== null;
}

async function leaveLock(text: string): Promise<void> {
  await mkdir(join(folder, LOCK_FOLDER));
  await writeFile(join(folder, LOCK_FOLDER, 'lock.7'), text);
}

const leaveHolder = (change: Partial<Holder>): Promise<void> =>
  leaveLock(JSON.stringify({ ...thisProcess('somebody', true), ...change }));

describe('a folder', () => {
  test('is held until it is let go, and by whatever path one comes to it', async () => {
    const held = await holdFolder(folder);
    const linked = join(folder, '..', 'link');
    await symlink(folder, linked);
    for (const path of [folder, relative(process.cwd(), folder), linked, `${folder}/../link/.`]) {
      await expect(holdFolder(path)).rejects.toThrow(TAKEN);
    }
    await held.release();
    expect(await canBeHeld(linked)).toBe(true);
    expect(await newest()).toBe('lock.2');
  });

  test('is held by another process, which is named, also while that is stopped, and until it is killed', async () => {
    const other = await startOther('holder');
    expect(await other.ask(folder)).toBe('held');
    await expect(holdFolder(folder)).rejects.toThrow(`process ${other.pid} on ${hostname()}`);
    await other.signal('SIGSTOP');
    await expect(holdFolder(folder)).rejects.toThrow(TAKEN);
    await other.signal('SIGKILL');
    expect(await canBeHeld()).toBe(true);
  });

  test('is held by one of those that start at once, and the others say by whom', async () => {
    const others = await Promise.all([startOther('holder'), startOther('holder'), startOther('holder')]);
    const killed = await startOther('holder');
    await killed.ask(folder);
    await killed.signal('SIGKILL');
    for (let round = 0; round < 20; round += 1) {
      // With what one left behind that was killed.
      const place = join(folder, '..', `round ${round}`);
      await cp(folder, place, { recursive: true, filter: (path) => !path.endsWith('.socket') });
      const said = await Promise.all(others.map((other) => other.ask(place)));
      expect(said.filter((one) => one === 'held')).toHaveLength(1);
      expect(said.filter((one) => TAKEN.test(one))).toHaveLength(2);
    }
  });

  test('is never held twice, however many take it and let it go', async () => {
    let holders = 0;
    let turns = 0;
    const taking = async (): Promise<void> => {
      for (let turn = 0; turn < 40; turn += 1) {
        const held: HeldFolder | null = await holdFolder(folder).catch(() => null);
        if (held === null) continue;
        holders += 1;
        turns += 1;
        expect(holders).toBe(1);
        await newest();
        holders -= 1;
        await held.release();
      }
    };
    await Promise.all(Array.from({ length: 6 }, taking));
    expect(turns).toBeGreaterThan(0);
    expect(await canBeHeld()).toBe(true);
    expect(await readdir(join(folder, LOCK_FOLDER))).toEqual([await newest()]);
  });
});

describe('a lock that was left behind', () => {
  test.each([
    ['empty, as one that was let go', ''],
    ['cut off', '{"pid": 1, "ho'],
    ['zeros, as after a loss of power', '\0'.repeat(200)],
    ['of something else', '{"pid": "1"}'],
  ])('%s, is superseded', async (_, text) => {
    await leaveLock(text);
    expect(await canBeHeld()).toBe(true);
    expect(await newest()).toBe('lock.8');
  });

  test.each<readonly [string, Partial<Holder>]>([
    // The first process of a container is number 1, before and after.
    ['of an earlier container of this machine, by a process of the same id', { pidNamespace: 'pid:[1]' }],
    ['of this very id, listening no more', {}],
    ['of this host before it was started anew', { machine: 'an earlier boot', listens: false }],
    ['of a process whose id another one has now', { started: '1', listens: false }],
    ['of a process that is gone', { pid: 2 ** 30, listens: false }],
  ])('%s, is superseded', async (_, holder) => {
    await leaveHolder(holder);
    expect(await canBeHeld()).toBe(true);
  });

  test('of a process that runs, where there are no sockets, is respected', async () => {
    await leaveHolder({ listens: false });
    await expect(holdFolder(folder)).rejects.toThrow(TAKEN);
  });

  test.each<readonly [string, Partial<Holder>]>([
    ['of another host', { host: 'elsewhere', machine: 'another kernel' }],
    ['of another container, where there are no sockets', { pidNamespace: 'pid:[1]', listens: false }],
  ])('%s, is left to a person, who is told what to do', async (_, holder) => {
    await leaveHolder({ ...holder, pid: 4711 });
    const place = join(folder, LOCK_FOLDER);
    const refused = holdFolder(folder);
    await expect(refused).rejects.toMatchObject({ kind: 'Refused' });
    await expect(refused).rejects.toThrow(
      /may be open elsewhere \(process 4711 on .*\), which cannot be seen from here/,
    );
    await expect(refused).rejects.toThrow(`delete ${place} and start again`);
    await rm(place, { recursive: true });
    expect(await canBeHeld()).toBe(true);
  });
});

describe('an embedded ledger', () => {
  test('takes one process, and what that has written is there for the next', async () => {
    const first = await startOther('ledger');
    expect(await first.ask(folder)).toBe('opened 1');
    const second = await startOther('ledger', join(folder, '..'));
    expect(await second.ask('x'.repeat(120))).toMatch(TAKEN);
    await expect(openLedger({ path: folder })).rejects.toMatchObject({ kind: 'Refused' });
    await first.signal('SIGKILL');
    expect(await second.ask(folder)).toBe('opened 2');
  });

  test('lets go of its folder when it is closed, and when it cannot be opened', async () => {
    for (let times = 0; times < 2; times += 1) await (await openLedger({ path: folder })).destroy();
    await writeFile(join(folder, 'PG_VERSION'), '9\n');
    await expect(openLedger({ path: folder })).rejects.toThrow();
    expect(await canBeHeld()).toBe(true);
  });

  test('is not brought up to date beside a worker: the command says why, and leaves', async () => {
    const held = await holdFolder(folder);
    const config = join(folder, '..', 'mdti-sync.yaml');
    const example = await readFile('config/example.yaml', 'utf8');
    await writeFile(
      config,
      example.replace(/^ledger:.*\n(?: .*\n)*/m, `ledger: { path: ${JSON.stringify(folder)} }\n`),
    );
    const run = await new Promise<{ code: unknown; said: string }>((resolve) => {
      const command = ['dist/client/cli/main.js', 'worker', '--migrate-only', '--config', config];
      execFile(process.execPath, command, (error, _, said) => resolve({ code: error?.code, said }));
    });
    expect(run.said).toMatch(TAKEN);
    expect(run.code).toBe(1);
    await held.release();
  });
});
