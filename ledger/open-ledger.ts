import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
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

async function openEmbedded(path: string): Promise<LedgerDb> {
  await mkdir(path, { recursive: true });
  const pglite = await PGlite.create({ dataDir: path });
  return new Kysely<Database>({ dialect: pgliteDialect(pglite) });
}

function openServer(url: string, max: number): LedgerDb {
  const types = new pg.TypeOverrides();
  // Ids and counts stay far below 2^53.
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({ connectionString: url, max, types, application_name: 'mdti-sync' });
  // An idle connection that the server closes is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
