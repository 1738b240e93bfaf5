import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types as pgTypes, TypeOverrides } from 'pg';
import { migrate } from './migrate.ts';
import { pgliteDialect } from './pglite-dialect.ts';
import type { Database } from './schema.ts';

export type LedgerDb = Kysely<Database>;

/** A folder for the embedded ledger (one worker process), or the address of a PostgreSQL (several). */
export type LedgerSettings = { readonly path: string } | { readonly url: string; readonly connections?: number };

/** Opens the ledger and brings it to the current schema. The caller ends it with `db.destroy()`. */
export async function openLedger(settings: LedgerSettings): Promise<LedgerDb> {
  const db =
    'path' in settings ? await openEmbedded(settings.path) : openServer(settings.url, settings.connections ?? 10);
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** An empty database that the build has prepared; not there when running from sources. */
export const PREPARED = new URL('./prepared.tgz', import.meta.url);

async function openEmbedded(path: string): Promise<LedgerDb> {
  await mkdir(path, { recursive: true });
  const isNew = !existsSync(join(path, 'PG_VERSION'));
  const prepared = isNew && existsSync(PREPARED) ? { loadDataDir: new Blob([await readFile(PREPARED)]) } : {};
  const pglite = await PGlite.create({ dataDir: path, ...prepared });
  return new Kysely<Database>({ dialect: pgliteDialect(pglite) });
}

function openServer(url: string, max: number): LedgerDb {
  const types = new TypeOverrides();
  // Ids and counts stay far below 2^53.
  types.setTypeParser(pgTypes.builtins.INT8, Number);
  const pool = new Pool({ connectionString: url, max, types, application_name: 'mdti-sync' });
  // An idle connection that the server closes is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
