import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Dialect } from 'kysely';
import { databaseFault } from './database-fault.ts';
import { faultingDialect } from './faulting-dialect.ts';
import { pgliteDialect } from './pglite-dialect.ts';

/** An empty database that the build has prepared; not there when running from sources. */
export const PREPARED = new URL('./prepared.tgz', import.meta.url);

/** What one connection that writes by the thousand has use for. With PostgreSQL's 128 MB, memory grows with the tables until then. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

const NAME = { ledger: 'The embedded ledger', user: 'postgres' };

/** Opens the embedded ledger of a folder, which is made when it is not there. */
export async function embeddedDialect(path: string): Promise<Dialect> {
  await mkdir(path, { recursive: true });
  const isNew = !existsSync(join(path, 'PG_VERSION'));
  const prepared = isNew && existsSync(PREPARED) ? { loadDataDir: new Blob([await readFile(PREPARED)]) } : {};
  const pglite = await PGlite.create({ dataDir: path, ...prepared, startParams });
  return faultingDialect(pgliteDialect(pglite), (error) => databaseFault(error, NAME));
}
