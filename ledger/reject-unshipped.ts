import { sql } from 'kysely';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Rejection } from './shipment-steps.ts';
import { lockIndicators } from './slice-statements.ts';

/**
 * Rejects items of a window that are in no shipment, since they cannot be put into one. What the destination holds of them it holds still,
 * and what is on its way with another batch goes on.
 */
export async function rejectUnshipped(
  db: LedgerDb,
  windowId: number,
  items: readonly Rejection[],
  now: Date,
): Promise<void> {
  if (items.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await lockIndicators(
      tx,
      items.map(({ id }) => id),
    );
    const rejected = jsonRows(items, 'id bigint, reason text, refused jsonb');
    await sql`update batch_items bi set outcome = 'rejected', reason = r.reason from ${rejected}
      where bi.window_id = ${windowId} and bi.indicator_id = r.id and bi.outcome is null and bi.shipment_id is null`.execute(
      tx,
    );
    await sql`insert into deliveries (indicator_id, state, score, reason, refused, changed_at)
      select bi.indicator_id, 'rejected', bi.score, bi.reason, r.refused, ${now}::timestamptz
      from ${rejected} join batch_items bi on bi.indicator_id = r.id
      where bi.window_id = ${windowId} and bi.outcome = 'rejected'
      on conflict (indicator_id) do update set state = excluded.state, score = excluded.score, reason = excluded.reason,
        refused = coalesce(excluded.refused, deliveries.refused), changed_at = excluded.changed_at
      where deliveries.state <> 'pending'`.execute(tx);
  });
}
