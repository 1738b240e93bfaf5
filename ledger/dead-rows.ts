import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** A server's autovacuum comes at a fifth: where there is one, hardly anything is left to do here. */
const FEW = 2_000;
const SHARE = 0.4;
/** One row of this table holds hundreds of a source. */
const BULKY = 'kept_rows';
const FEW_BULKY = 20;

/**
 * Makes the room of rows that were changed or deleted free for new ones. Nothing does so by itself in an embedded ledger: there the
 * weekly republish of the whole source, which changes no more than when a row was last seen, would make it grow without end.
 */
export async function removeDeadRows(db: LedgerDb): Promise<void> {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_stat_user_tables
    where schemaname = current_schema() and n_dead_tup > case relname when ${BULKY} then ${FEW_BULKY}::int else ${FEW}::int end + ${SHARE}::float8 * n_live_tup`.execute(
    db,
  );
  for (const { name } of rows) await sql`vacuum (skip_locked) ${sql.table(name)}`.execute(db);
}
