import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dialect } from 'kysely';
import { databaseFault } from './database-fault.ts';
import { type EmbeddedDatabase, openDatabase } from './embedded-database.ts';
import { faultingDialect } from './faulting-dialect.ts';
import { type HeldFolder, holdFolder } from './hold-folder.ts';
import { pgliteDialect } from './pglite-dialect.ts';
import { openThreaded } from './threaded-database.ts';

/** An empty database that the build has prepared; not there when running from sources. */
export const PREPARED = new URL('./prepared.tgz', import.meta.url);
/** As the build has made it; from sources, the database is in the thread of whoever opens it. */
const THREAD = new URL('./embedded-thread.js', import.meta.url);

const NAME = { ledger: 'The embedded ledger', user: 'postgres' };

/**
 * Opens the embedded ledger of a folder, which is made when it is not there, and holds the folder until it is closed: two processes
 * on one would destroy it. `Refused` when another one has it.
 */
export async function embeddedDialect(path: string): Promise<Dialect> {
  await mkdir(path, { recursive: true });
  const held = await holdFolder(path);
  try {
    const database = await open(path);
    return faultingDialect(pgliteDialect(letGo(database, held)), (error) => databaseFault(error, NAME));
  } catch (error) {
    await held.release();
    throw error;
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

async function open(path: string): Promise<EmbeddedDatabase> {
  const isNew = !existsSync(join(path, 'PG_VERSION'));
  const prepared = isNew && existsSync(PREPARED) ? new Uint8Array(await readFile(PREPARED)) : null;
  const settings = { path, prepared };
  return existsSync(THREAD) ? openThreaded(THREAD, settings) : openDatabase(settings);
}
