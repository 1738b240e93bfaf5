import { sql } from 'kysely';
import { HELD } from './held.ts';
import type { LedgerDb } from './open-ledger.ts';
import { AWAITING, type ClaimedItem, NO_LONGER_SURE, WITHDRAWN } from './retractions.ts';
import { type ShipmentRow, type StoredShipment, withItems } from './shipments.ts';
import { idList } from './slice-statements.ts';

export interface LeftBehind {
  readonly planned: readonly StoredShipment[];
  readonly sent: readonly StoredShipment[];
  /** About to be withdrawn. */
  readonly withdrawing: readonly ClaimedItem[];
}

/** Nobody is at work on the window. One that its owner has not come to yet may wait for this very batch to end. */
const LEFT = sql`(w.state <> 'running' or w.leased_until <= now() or not w.begun)`;

/**
 * What others have begun with the items of a batch and will not bring to an end, or not soon: their window is no longer at work, because
 * its run was cancelled or has failed, or its owner is not heard of any more, or another run has taken it up and not come to it yet.
 */
export async function leftBehind(db: LedgerDb, windowId: number, batch: number): Promise<LeftBehind> {
  const { rows } = await sql<ShipmentRow & { state: 'planned' | 'sent' }>`
    select distinct on (s.id) s.id, s.marker, s.sent_after, s.ended_at, s.receipt, s.state
    from batch_items bi join deliveries d on d.indicator_id = bi.indicator_id
      join shipments s on s.id = d.shipment_id join windows w on w.id = s.window_id
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.outcome is null and bi.shipment_id is null
      and d.state = 'pending' and s.state <> 'settled' and ${LEFT}
    order by s.id`.execute(db);
  const withdrawing = await sql<ClaimedItem>`
    select i.id, i.type, i.value, ${HELD} as held, ${AWAITING} as awaiting
    from batch_items bi join deliveries d on d.indicator_id = bi.indicator_id join indicators i on i.id = bi.indicator_id
      left join windows w on w.id = d.withdrawn_by
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.outcome is null and bi.decision = 'deliver'
      and d.state = 'pending' and d.shipment_id is null and (w.id is null or ${LEFT})
    order by i.id`.execute(db);
  const of = (state: 'planned' | 'sent') =>
    withItems(
      db,
      rows.filter((row) => row.state === state),
    );
  return { planned: await of('planned'), sent: await of('sent'), withdrawing: withdrawing.rows };
}

/** What another batch was about to withdraw, and is gone now. */
export async function markWithdrawn(db: LedgerDb, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`update deliveries d set state = 'retracted', ${WITHDRAWN},
      changed_at = ${now}::timestamptz
    where indicator_id = any(${idList(ids)}) and state = 'pending' and shipment_id is null`.execute(db);
}

/** What another batch was about to withdraw, and nobody can say is gone: the destination may hold it still. */
export async function markMayBeHeld(db: LedgerDb, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`update deliveries set state = 'set-aside', ${NO_LONGER_SURE}, changed_at = ${now}::timestamptz
    where indicator_id = any(${idList(ids)}) and state = 'pending' and shipment_id is null`.execute(db);
}
