import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import type { Dialect } from 'kysely';
import { Fault } from '../indicators/fault.ts';
import { databaseFault } from './database-fault.ts';
import { type EmbeddedDatabase, type OnDeath, openDatabase } from './embedded-database.ts';
import { firstStart, hasDatabase, isOfLedger } from './embedded-folder.ts';
import { faultingDialect } from './faulting-dialect.ts';
import { type HeldFolder, holdFolder } from './hold-folder.ts';
import { folderTrouble, makeFolder } from './make-folder.ts';
import { pgliteDialect } from './pglite-dialect.ts';
import { makePrivate } from './private-files.ts';
import { openThreaded } from './threaded-database.ts';

/** An empty database that the build has prepared; not there when running from sources. */
export const PREPARED = new URL('./prepared.tgz', import.meta.url);
/** As the build has made it; from sources, the database is in the thread of whoever opens it. */
const THREAD = new URL('./embedded-thread.js', import.meta.url);

const NAME = { ledger: 'The embedded ledger', user: 'postgres' };

export interface EmbeddedLedger {
  readonly path: string;
  /** Told once when it has ended without being closed, which no statement brings back: whoever has it is to end, too. */
  readonly onDeath?: (fault: Fault) => void;
}

/**
 * Opens the embedded ledger of a folder, which is made when it is not there, and holds the folder until it is closed: two processes
 * on one would destroy it. `Refused` when another one has it, or when what is in it cannot be opened. What is in it is its owner's alone
 * afterwards, whoever could read it before.
 */
export async function embeddedDialect({ path, onDeath = () => undefined }: EmbeddedLedger): Promise<Dialect> {
  await makeLedgerFolder(path);
  const held = await holdFolder(path).catch((error: unknown) => {
    if (error instanceof Fault) throw error;
    const why = textOf(error);
    throw new Fault('Refused', `The embedded ledger in ${path} cannot be held: ${why}. ${remedy(why, WHERE)}`);
  });
  try {
    let death: Fault | null = null;
    const database = await open({ path, folder: await realpath(path) }, (why) => {
      death = new Fault('Unavailable', `The embedded ledger in ${path} has died: ${why}. ${remedy(why, AGAIN)}`);
      onDeath(death);
    });
    await makePrivate(path, isOfLedger);
    return faultingDialect(pgliteDialect(letGo(database, held)), (error) => death ?? databaseFault(error, NAME));
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function makeLedgerFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    throw new Fault(
      'Refused',
      `The folder of the embedded ledger, ${path}, cannot be made: ${folderTrouble(error)}. Check ledger.path, and who may write there.`,
    );
  }
}

function letGo(database: EmbeddedDatabase, held: HeldFolder): EmbeddedDatabase {
  return {
    ...database,
    async close() {
      try {
        await database.close();
      } finally {
        await held.release();
      }
    },
  };
}

interface Place {
  /** As it is written, for sentences. */
  readonly path: string;
  /** PGlite opens no folder through a link. */
  readonly folder: string;
}

async function open({ path, folder }: Place, onDeath: OnDeath): Promise<EmbeddedDatabase> {
  const start = (prepared: Uint8Array<ArrayBuffer> | null): Promise<EmbeddedDatabase> =>
    existsSync(THREAD)
      ? openThreaded(THREAD, { path: folder, prepared }, onDeath)
      : openDatabase({ path: folder, prepared }, onDeath);
  let isThere = true;
  try {
    isThere = await hasDatabase(path);
    if (isThere) return await start(null);
    const prepared = existsSync(PREPARED) ? new Uint8Array(await readFile(PREPARED)) : null;
    return await firstStart(path, () => start(prepared));
  } catch (error) {
    if (error instanceof Fault) throw error;
    const why = textOf(error);
    throw new Fault(
      'Refused',
      isThere
        ? `The embedded ledger in ${path} cannot be opened: ${why}. ${remedy(why, FROM_BACKUP)}`
        : `The embedded ledger in ${path} cannot be made: ${why}. ${remedy(why, WHERE)}`,
    );
  }
}

const AGAIN = 'Start the worker again: it goes on from where it was.';
const FROM_BACKUP = 'Put the whole folder back from a backup. docs/ledger.md has more.';
const WHERE = 'Check ledger.path, and who may write there.';
const NO_ROOM = /no space left on device|ENOSPC/i;
const NOT_OURS = /permission denied|EACCES|EPERM/i;

function remedy(why: string, otherwise: string): string {
  if (NOT_OURS.test(why)) {
    return 'All files there have to belong to the user that the worker runs as, which a command run as another one changes: nothing is lost, give them back to it (chown -R).';
  }
  return NO_ROOM.test(why) ? 'Make room on its disk, and start the worker again: nothing is lost.' : otherwise;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
