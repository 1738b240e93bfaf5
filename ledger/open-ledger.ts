import { type Dialect, Kysely, sql } from 'kysely';
import { Fault } from '../indicators/fault.ts';
import { mayHaveDatabase } from './embedded-folder.ts';
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

/** Builds all indexes of the ledger anew: one that is broken is whole after it. Where there is no ledger, none is made. */
export async function reindexLedger(settings: LedgerSettings): Promise<void> {
  if ('path' in settings && !(await mayHaveDatabase(settings.path))) throw nothingThere(`in ${settings.path}`);
  const db = new Kysely<Database>({ dialect: await patientDialect(settings) });
  try {
    const { rows } = await sql<{ schema: string; tables: boolean }>`select current_schema() as schema, exists (
        select from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r') as tables`.execute(
      db,
    );
    const { schema = 'public', tables = false } = rows[0] ?? {};
    if (!tables) throw nothingThere(`in schema ${schema} of its database: it has no tables`);
    await sql`reindex schema ${sql.id(schema)}`.execute(db);
  } finally {
    await db.destroy();
  }
}

function nothingThere(where: string): Fault {
  return new Fault(
    'Refused',
    `There is no ledger ${where}. Nothing was done: check ledger.path or ledger.url, and the folder that the command is run in.`,
  );
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
