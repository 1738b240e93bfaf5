import { type Kysely, Migrator } from 'kysely';
import * as first from './migrations/0001-first.ts';
import * as adaptiveRates from './migrations/0002-adaptive-rates.ts';
import * as queryTurns from './migrations/0003-query-turns.ts';
import type { Database } from './schema.ts';

/** Brings the ledger up to this release's schema. Safe to call from several processes at once: Kysely takes a lock. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrations = {
    '0001-first': first,
    '0002-adaptive-rates': adaptiveRates,
    '0003-query-turns': queryTurns,
  };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('The ledger could not be brought to the current schema.', { cause: error });
}
