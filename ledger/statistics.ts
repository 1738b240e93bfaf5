import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/**
 * Tells the planner how large the tables are now. Nothing does so by itself in an embedded ledger, nor soon enough on a server
 * during a first load; without it, statements that touch a thousand rows read whole tables.
 */
export async function refreshStatistics(db: LedgerDb): Promise<void> {
  await sql`analyze indicators, sources, batch_items, batches, shipments, deliveries, reputations`.execute(db);
}
