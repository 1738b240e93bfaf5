import { cpSync, statSync } from 'node:fs';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FIRST_START, POSTGRES_VERSION } from '../../ledger/embedded-folder.ts';
import { LOCK_FOLDER } from '../../ledger/hold-folder.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { RUN_AS } from '../postgresql/binaries.ts';
import { copyEmptyLedger } from './empty-ledger.ts';
import { startOther } from './other-process.ts';

let place: string;
/** A ledger that holds something, closed. */
let whole: string;
let folder: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'mdti-sync-folder-'));
  whole = join(place, 'whole');
  copyEmptyLedger(whole);
  const ledger = await openLedger({ path: whole });
  await sql`insert into rate_budgets (api, next_at, interval_ms) values ('kept', now(), 1)`.execute(ledger);
  await ledger.destroy();
});
afterAll(() => rm(place, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(place, 'ledger');
  cpSync(whole, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the ledger of the folder holds. */
async function kept(): Promise<readonly string[]> {
  const ledger = await openLedger({ path: folder });
  try {
    const { rows } = await sql<{ api: string }>`select api from rate_budgets`.execute(ledger);
    return rows.map(({ api }) => api);
  } finally {
    await ledger.destroy();
  }
}

async function refused(): Promise<string> {
  const error: unknown = await openLedger({ path: folder }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'Refused' });
  return String(Reflect.get(Object(error), 'message'));
}

function isOpenToAll(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || isOpenToAll(dirname(path)));
}

describe('a ledger', () => {
  test('of another PostgreSQL is left as it is, and both versions are named', async () => {
    expect(await readFile(join(folder, 'PG_VERSION'), 'utf8')).toBe(`${POSTGRES_VERSION}\n`);
    await writeFile(join(folder, 'PG_VERSION'), '17\n');
    expect(await refused()).toBe(
      `The embedded ledger in ${folder} was made by PostgreSQL 17, and this release of mdti-sync has PostgreSQL 18. Go back to the release that made it, or set ledger.path to an empty folder: a ledger that is made there reads the source anew. docs/ledger.md has more.`,
    );
    expect(await readFile(join(folder, 'PG_VERSION'), 'utf8')).toBe('17\n');
  });

  test.each([
    'PG_VERSION',
    'global/pg_control',
    'postgresql.conf',
    'pg_hba.conf',
    'base/5/pg_filenode.map',
    'pg_wal',
    'pg_xact',
    'pg_multixact/members',
  ])('without %s is refused with what is missing, and not written over', async (name) => {
    await rm(join(folder, name), { recursive: true });
    expect(await refused()).toBe(
      `The embedded ledger in ${folder} is not whole: ${name} is missing or empty. If its first start was interrupted, it holds nothing yet: delete the folder and start again. Else put the whole folder back from a backup. docs/ledger.md has more.`,
    );
    cpSync(join(whole, name), join(folder, name), { recursive: true });
    expect(await kept()).toEqual(['kept']);
  });

  test.each(['PG_VERSION', 'global/pg_control'])('with nothing in %s, as after a loss of power, too', async (name) => {
    await truncate(join(folder, name));
    expect(await refused()).toContain(`${name} is missing or empty`);
  });

  test('of which hardly anything is left is told by a few names', async () => {
    for (const name of await readdir(folder)) {
      if (name !== 'base') await rm(join(folder, name), { recursive: true });
    }
    expect(await refused()).toMatch(/PG_VERSION, postgresql\.conf, pg_hba\.conf, \d+ more are missing or empty/);
  });

  test('whose version cannot be made out is damaged', async () => {
    await writeFile(join(folder, 'PG_VERSION'), '\0\0\u001b[2J');
    expect(await refused()).toBe(
      `The embedded ledger in ${folder} is damaged: its PG_VERSION is no version of PostgreSQL. Put the whole folder back from a backup. docs/ledger.md has more.`,
    );
    await rm(join(folder, 'PG_VERSION'));
    await mkdir(join(folder, 'PG_VERSION'));
    expect(await refused()).toMatch(
      /^The embedded ledger in .* cannot be opened: EISDIR.*\. Put the whole folder back/,
    );
  });

  test('to which a link leads is opened through it, and by a path within it', async () => {
    await symlink('ledger', join(place, 'link'));
    try {
      const ledger = await openLedger({ path: join(place, 'link') });
      await sql`insert into rate_budgets (api, next_at, interval_ms) values ('linked', now(), 1)`.execute(ledger);
      await ledger.destroy();
    } finally {
      await rm(join(place, 'link'));
    }
    expect(await kept()).toEqual(['kept', 'linked']);
  });

  // As root, another process opens it as `nobody`, who may not be able to reach this checkout.
  test
    .skipIf(RUN_AS.uid !== undefined && !isOpenToAll(process.cwd()))
    .each(['PG_VERSION', 'global', 'global/pg_control', 'pg_wal', 'pg_logical', 'base/5/1259'])(
    'of which %s is another user’s is not told as damaged or missing',
    async (name) => {
      const { uid, gid } = RUN_AS;
      if (uid !== undefined && gid !== undefined) {
        await chmod(place, 0o755);
        for (const one of ['.', ...(await readdir(folder, { recursive: true }))])
          await chown(join(folder, one), uid, gid);
      }
      await chmod(join(folder, name), 0);
      const other = await startOther('ledger', process.cwd(), RUN_AS);
      expect(await other.ask(folder)).toMatch(
        /^The embedded ledger in .*ledger cannot be opened: .*permission denied.*\. All files there have to belong to the user .* nothing is lost.*\(chown -R\)\.$/i,
      );
      await chmod(join(folder, name), 0o700);
    },
  );

  test('that PostgreSQL itself does not take says what it says', async () => {
    await rm(join(folder, 'base/5/1259'));
    expect(await refused()).toBe(
      `The embedded ledger in ${folder} cannot be opened: could not open file "base/5/1259": No such file or directory. Put the whole folder back from a backup. docs/ledger.md has more.`,
    );
  });

  test('from a backup that left out empty folders is opened', async () => {
    const empty = ['pg_notify', 'pg_replslot', 'pg_tblspc', 'pg_twophase', 'pg_serial', 'pg_snapshots', 'pg_dynshmem'];
    for (const name of [...empty, 'pg_logical/snapshots']) await rm(join(folder, name), { recursive: true });
    expect(await kept()).toEqual(['kept']);
  });
});

describe('a first start', () => {
  test('that was interrupted is made anew, beside what is not of the ledger', async () => {
    await writeFile(join(folder, FIRST_START), '');
    await rm(join(folder, 'global'), { recursive: true });
    for (const name of await readdir(join(folder, 'base/5'))) {
      if (Number.parseInt(name, 10) >= 16_384) await rm(join(folder, 'base/5', name));
    }
    await mkdir(join(folder, 'lost+found'));
    expect(await kept()).toEqual([]);
    expect(await readdir(folder)).toContain('lost+found');
    expect(await readdir(folder)).not.toContain(FIRST_START);
  });

  test('that is killed leaves nothing that the next one stumbles over', async () => {
    await rm(folder, { recursive: true });
    const other = await startOther('ledger');
    void other.ask(folder).catch(() => undefined);
    await expect.poll(() => readdir(folder).catch(() => []), { timeout: 30_000 }).toContain('global');
    await other.signal('SIGKILL');
    expect(await kept()).toHaveLength(0);
  });

  test('that was interrupted is not cleared away with the backup that was put over it', async () => {
    await writeFile(join(folder, FIRST_START), '');
    expect(await refused()).toMatch(
      /^The embedded ledger in .* has tables, and the file mdti-sync-first-start, .* If a backup was put over what was there, put it into an empty folder instead\./,
    );
    await rm(join(folder, FIRST_START));
    expect(await kept()).toEqual(['kept']);
  });

  test('where the folder cannot be held says why', async () => {
    await rm(join(folder, LOCK_FOLDER), { recursive: true });
    await writeFile(join(folder, LOCK_FOLDER), '');
    expect(await refused()).toMatch(/cannot be held: EEXIST.*\. Check ledger\.path, and who may write there\.$/);
  });

  test('where no folder can be made names the setting', async () => {
    const file = join(place, 'a file');
    await writeFile(file, '');
    await expect(openLedger({ path: join(file, 'below') })).rejects.toThrow(
      `The folder of the embedded ledger, ${join(file, 'below')}, cannot be made: a part of its path is a file (ENOTDIR). Check ledger.path, and who may write there.`,
    );
    // Where a file system takes no folders, Node's own way of making one never comes to an end.
    for (const nowhere of ['/proc/mdti-sync/ledger', '/proc']) {
      await expect(openLedger({ path: nowhere })).rejects.toThrow(/ledger.*\/proc.*Check ledger\.path/);
    }
  });
});

describe('the files of a ledger', () => {
  /** Those of a folder, itself included, that anybody but the owner may do anything with. */
  async function open(path: string): Promise<readonly string[]> {
    const all = await readdir(path, { recursive: true });
    const modes = await Promise.all(
      ['.', ...all].map(async (name) => ({ name, found: await lstat(join(path, name)).catch(() => null) })),
    );
    // A socket lets in whoever gets to it, and its folder nobody.
    return modes.flatMap(({ name, found }) =>
      found === null || found.isSocket() || (found.mode & 0o077) === 0 ? [] : name,
    );
  }

  test('are their owner’s alone, those that are made later too', async () => {
    await rm(folder, { recursive: true });
    const ledger = await openLedger({ path: folder });
    expect(await open(folder)).toEqual([]);
    await sql`create table later as select g from generate_series(1, 100000) g`.execute(ledger);
    await sql`create index on later (g)`.execute(ledger);
    await sql`vacuum full later`.execute(ledger);
    await sql`checkpoint`.execute(ledger);
    expect(await open(folder)).toEqual([]);
    await ledger.destroy();
    expect(await open(folder)).toEqual([]);
  });

  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

  test.each([
    ['is taken from others for writing', 0o777, 0o755],
    ['stays as it is where all may put something, and nobody take it away', 0o1777, 0o1777],
  ])('are alone theirs beside others’, and the folder %s', async (_, before, after) => {
    await mkdir(join(folder, 'theirs'));
    await writeFile(join(folder, 'theirs/file'), '');
    await chmod(join(folder, 'theirs'), 0o775);
    await chmod(join(folder, 'theirs/file'), 0o664);
    await chmod(join(folder, 'base'), 0o755);
    await chmod(folder, before);
    const ledger = await openLedger({ path: folder });
    expect(await open(folder)).toEqual(['.', 'theirs', 'theirs/file']);
    expect(await modeOf(folder)).toBe(after);
    expect(await modeOf(join(folder, 'theirs'))).toBe(0o775);
    expect(await modeOf(join(folder, 'theirs/file'))).toBe(0o664);
    await ledger.destroy();
  });

  test('that everybody could read and write are mended when it is opened', async () => {
    await chmod(folder, 0o755);
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      await chmod(path, (await lstat(path)).isDirectory() ? 0o755 : 0o666);
    }
    const ledger = await openLedger({ path: folder });
    expect(await open(folder)).toEqual([]);
    await ledger.destroy();
    expect(await kept()).toEqual(['kept']);
  });
});
