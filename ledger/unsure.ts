import { sql } from 'kysely';
import { maybe } from './held.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import { setAside } from './set-aside.ts';
import type { GivenId } from './shipment-steps.ts';
import { type ShipmentRow, type StoredShipment, withItems } from './shipments.ts';
import { idList, lockIndicators } from './slice-statements.ts';

/** Shipments that were settled long ago, with all that was in them. */
export async function pastShipments(db: LedgerDb, ids: readonly number[]): Promise<readonly StoredShipment[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<ShipmentRow>`select id, marker, sent_after, ended_at, receipt from shipments
    where id = any(${idList(ids)}) order by id`.execute(db);
  return withItems(db, rows, 'all');
}

export interface Cleared {
  /** The destination has them after all. */
  readonly there: readonly number[];
  /** It has not. */
  readonly notThere: readonly number[];
  /** Nobody knows still. */
  readonly unknown: readonly { readonly id: number; readonly reason: string }[];
  /** The ids that it gave. */
  readonly given: readonly GivenId[];
  /** What is there waits for a person, with this shipment; null when it does not. */
  readonly awaits: number | null;
}

/** Writes down what has come out about items of a batch that the destination was only supposed to hold. */
export async function clearUp(
  db: LedgerDb,
  windowId: number,
  { there, notThere, unknown, given, awaits }: Cleared,
  /** Items that are to be delivered in just the form that was asked for. */
  same: ReadonlySet<number>,
  now: Date,
): Promise<void> {
  const stillOut = unknown.map(({ id }) => id);
  await db.transaction().execute(async (tx) => {
    await lockIndicators(tx, [...there, ...notThere, ...stillOut]);
    const ids = given.map(({ id, remoteId }) => ({ id, remote_id: remoteId }));
    await sql`update deliveries d set remote_id = r.remote_id from ${jsonRows(ids, 'id bigint, remote_id text')}
      where d.indicator_id = r.id and r.id = any(${idList([...there, ...stillOut])}) and d.state <> 'pending'`.execute(
      tx,
    );
    await sql`update deliveries d set state = 'confirmed', hash = d.may_hold, may_hold = null, held = ${maybe('d')}, asked = null,
        refused = null, awaits = coalesce(${awaits}::bigint, d.awaits), score = bi.score, reason = bi.reason, changed_at = ${now}::timestamptz
      from batch_items bi where bi.window_id = ${windowId} and bi.indicator_id = d.indicator_id
        and d.indicator_id = any(${idList(there)}) and d.state <> 'pending' and d.may_hold is not null`.execute(tx);
    await sql`update batch_items bi set outcome = 'confirmed', hash = d.hash from deliveries d
      where bi.window_id = ${windowId} and bi.indicator_id = any(${idList(there.filter((id) => same.has(id)))})
        and d.indicator_id = bi.indicator_id and d.state = 'confirmed'`.execute(tx);
    await sql`update shipments set review = 'waiting' where id = ${awaits}::bigint and review is null`.execute(tx);
    await sql`update deliveries set may_hold = null
      where indicator_id = any(${idList(notThere)}) and state <> 'pending'`.execute(tx);
    await sql`update batch_items set outcome = 'set-aside'
      where window_id = ${windowId} and indicator_id = any(${idList(stillOut)}) and outcome is null`.execute(tx);
    await setAside(
      tx,
      unknown.map(({ id, reason }) => ({ id, stage: 'delivery' as const, reason, dueAt: null })),
      now,
    );
  });
}
