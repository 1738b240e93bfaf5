import { type Dialect, Kysely, sql } from 'kysely';
import { migrate } from './migrate.ts';
import { type EmbeddedLedger, embeddedDialect } from './open-embedded.ts';
import { type ServerSettings, serverDialect } from './open-server.ts';
import type { Database } from './schema.ts';

export type LedgerDb = Kysely<Database>;

/** A folder for the embedded ledger (one worker process), or a PostgreSQL (several). */
export type LedgerSettings = EmbeddedLedger | ServerSettings;

/**
 * Opens the ledger and brings it to this release's schema. The caller ends it with `db.destroy()`. Throws a `Fault`, with a sentence,
 * when it cannot be reached or used.
 */
export async function openLedger(settings: LedgerSettings): Promise<LedgerDb> {
  if ('path' in settings) return (await migrated(await embeddedDialect(settings))).db;
  await migrateLedger(settings);
  return new Kysely<Database>({ dialect: await serverDialect(settings) });
}

/** Brings the ledger to this release's schema and closes it. Returns the names of the migrations that were missing. */
export async function migrateLedger(settings: LedgerSettings): Promise<readonly string[]> {
  const { db, added } = await migrated(await patientDialect(settings));
  await db.destroy();
  return added;
}

/** Builds all indexes of the ledger anew: one that is broken is whole after it. */
export async function reindexLedger(settings: LedgerSettings): Promise<void> {
  const db = new Kysely<Database>({ dialect: await patientDialect(settings) });
  try {
    const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db);
    await sql`reindex schema ${sql.id(rows[0]?.schema ?? 'public')}`.execute(db);
  } finally {
    await db.destroy();
  }
}

/** For what takes as long as it takes. */
async function patientDialect(settings: LedgerSettings): Promise<Dialect> {
  if ('path' in settings) return embeddedDialect(settings);
  return serverDialect({ ...settings, connections: 1, statementTimeoutMs: 0 });
}

async function migrated(dialect: Dialect): Promise<{ readonly db: LedgerDb; readonly added: readonly string[] }> {
  const db = new Kysely<Database>({ dialect });
  try {
    return { db, added: await migrate(db) };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
