import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dialect } from 'kysely';
import { databaseFault } from './database-fault.ts';
import { openDatabase } from './embedded-database.ts';
import { faultingDialect } from './faulting-dialect.ts';
import { pgliteDialect } from './pglite-dialect.ts';
import { openThreaded } from './threaded-database.ts';

/** An empty database that the build has prepared; not there when running from sources. */
export const PREPARED = new URL('./prepared.tgz', import.meta.url);
/** As the build has made it; from sources, the database is in the thread of whoever opens it. */
const THREAD = new URL('./embedded-thread.js', import.meta.url);

const NAME = { ledger: 'The embedded ledger', user: 'postgres' };

/** Opens the embedded ledger of a folder, which is made when it is not there. */
export async function embeddedDialect(path: string): Promise<Dialect> {
  await mkdir(path, { recursive: true });
  const isNew = !existsSync(join(path, 'PG_VERSION'));
  const prepared = isNew && existsSync(PREPARED) ? new Uint8Array(await readFile(PREPARED)) : null;
  const settings = { path, prepared };
  const database = existsSync(THREAD) ? await openThreaded(THREAD, settings) : await openDatabase(settings);
  return faultingDialect(pgliteDialect(database), (error) => databaseFault(error, NAME));
}
