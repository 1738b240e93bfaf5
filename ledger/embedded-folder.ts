import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../indicators/fault.ts';
import { LOCK_FOLDER } from './hold-folder.ts';
import { PRIVATE_FOLDER } from './make-folder.ts';

/** The major version that PGlite is: it reads the files of no other. */
export const POSTGRES_VERSION = '18';
/** There from before the first file of a database is written until the last one is: with it, the folder holds nothing yet. */
export const FIRST_START = 'mdti-sync-first-start';

/** What PostgreSQL makes at the top of its folder. */
const OF_POSTGRES = /^(PG_VERSION|base|global|pg_.*|postgresql\..*|postmaster\..*)$/;

/** Whether a name at the top of the folder is one that a ledger makes there. */
export function isOfLedger(name: string): boolean {
  return OF_POSTGRES.test(name) || name === LOCK_FOLDER || name === FIRST_START;
}

/** Without these there is no database; what is in them, PostgreSQL itself finds out. */
const NEEDED = [
  'PG_VERSION',
  'postgresql.conf',
  'pg_hba.conf',
  'pg_ident.conf',
  'global/pg_control',
  'global/pg_filenode.map',
  // The database `postgres`: https://www.postgresql.org/docs/18/catalog-pg-database.html
  'base/5/pg_filenode.map',
  'pg_wal',
  'pg_xact',
  'pg_multixact/offsets',
  'pg_multixact/members',
];

/** Empty in a ledger, and needed all the same: some backups leave out what is empty. */
const EMPTY = [
  'pg_commit_ts',
  'pg_dynshmem',
  'pg_logical/mappings',
  'pg_logical/snapshots',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_tblspc',
  'pg_twophase',
  'pg_wal/archive_status',
  'pg_wal/summaries',
];

/** Whether a folder is there and has anything of a database: only looked at, and not held. */
export async function mayHaveDatabase(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => OF_POSTGRES.test(name));
}

/**
 * Whether a folder, which must be held, has a database to open; false when one is to be made in it, which an interrupted first start
 * is cleared away for. `Refused`, with what to do, when it has what can be neither: PGlite would write over what is left.
 */
export async function hasDatabase(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  const made = names.filter((name) => OF_POSTGRES.test(name));
  if (names.includes(FIRST_START)) {
    await requireNothing(folder);
    await Promise.all(made.map((name) => rm(join(folder, name), { recursive: true })));
    return false;
  }
  if (made.length === 0) return false;
  await requireWhole(folder);
  await requireVersion(folder);
  for (const name of EMPTY) await mkdir(join(folder, name), { recursive: true, mode: PRIVATE_FOLDER });
  return true;
}

/** Makes the database of a folder that has none, whole or not at all. */
export async function firstStart<T>(folder: string, make: () => Promise<T>): Promise<T> {
  await writeFile(join(folder, FIRST_START), '', { mode: 0o600 });
  const made = await make();
  await rm(join(folder, FIRST_START));
  return made;
}

/** PostgreSQL gives files of tables that it did not bring itself this number, or a higher one. (Source: `FirstNormalObjectId`.) */
const FIRST_OWN_FILE = 16_384;

/** A backup may have been put over what an interrupted first start has left. */
async function requireNothing(folder: string): Promise<void> {
  const files = await readdir(join(folder, 'base/5')).catch(() => []);
  if (!files.some((name) => Number.parseInt(name, 10) >= FIRST_OWN_FILE)) return;
  throw new Fault(
    'Refused',
    `The embedded ledger in ${folder} has tables, and the file ${FIRST_START}, which says that its first start was interrupted and that it holds nothing yet. If a backup was put over what was there, put it into an empty folder instead. Else delete the folder and start again. docs/ledger.md has more.`,
  );
}

async function requireWhole(folder: string): Promise<void> {
  const there = await Promise.all(NEEDED.map((name) => isThere(join(folder, name))));
  const missing = NEEDED.filter((_, index) => there[index] !== true);
  if (missing.length === 0) return;
  const few = missing.length > 3 ? [...missing.slice(0, 3), `${missing.length - 3} more`] : missing;
  throw new Fault(
    'Refused',
    `The embedded ledger in ${folder} is not whole: ${few.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or empty. If its first start was interrupted, it holds nothing yet: delete the folder and start again. Else put the whole folder back from a backup. docs/ledger.md has more.`,
  );
}

/** An empty file is one that was not written any more. What may not be looked at is not missing for that. */
async function isThere(path: string): Promise<boolean> {
  try {
    const there = await lstat(path);
    return !there.isFile() || there.size > 0;
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

async function requireVersion(folder: string): Promise<void> {
  const found = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim().slice(0, 10);
  if (found === POSTGRES_VERSION) return;
  if (!/^\d+(?:\.\d+)?$/.test(found)) {
    throw new Fault(
      'Refused',
      `The embedded ledger in ${folder} is damaged: its PG_VERSION is no version of PostgreSQL. Put the whole folder back from a backup. docs/ledger.md has more.`,
    );
  }
  throw new Fault(
    'Refused',
    `The embedded ledger in ${folder} was made by PostgreSQL ${found}, and this release of mdti-sync has PostgreSQL ${POSTGRES_VERSION}. Go back to the release that made it, or set ledger.path to an empty folder: a ledger that is made there reads the source anew. docs/ledger.md has more.`,
  );
}
