import { sql, type Transaction } from 'kysely';
import type { Facts, Indicator, IndicatorType } from '../indicators/indicator.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database, DeliveryState } from './schema.ts';
import { idList, lockIndicators } from './slice-statements.ts';

export interface DeliverItem {
  readonly id: number;
  readonly indicator: Indicator;
  /** What the destination holds for it now; null when nothing. */
  readonly heldHash: string | null;
}

export interface ShippedItem extends DeliverItem {
  /** Of what the destination is asked to hold. */
  readonly plannedHash: string | null;
}

export type StoredReceipt = Readonly<Record<string, string | number | boolean | null>>;

export interface StoredShipment {
  readonly id: number;
  readonly marker: string;
  /** When it left last: from then on the destination may have it. Null when it has not, or has not in this form. */
  readonly sentAfter: Date | null;
  readonly receipt: StoredReceipt | null;
  readonly items: readonly ShippedItem[];
}

interface ItemRow {
  id: number;
  type: IndicatorType;
  value: string;
  facts: Facts;
  sources: readonly string[];
  delivery: DeliveryState | null;
  held_hash: string | null;
}

/** Items to deliver that are in no shipment yet. */
export async function unshippedItems(db: LedgerDb, windowId: number, batch: number): Promise<readonly DeliverItem[]> {
  const { rows } =
    await sql<ItemRow>`select i.id, i.type, i.value, i.facts, i.sources, d.state as delivery, d.hash as held_hash
    from batch_items bi join indicators i on i.id = bi.indicator_id left join deliveries d on d.indicator_id = i.id
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.decision = 'deliver'
      and bi.outcome is null and bi.shipment_id is null
    order by i.id`.execute(db);
  return rows.map(itemOf);
}

/** The shipments of a batch that the destination has not settled. */
export async function openShipments(
  db: LedgerDb,
  windowId: number,
  batch: number,
  state: 'planned' | 'sent',
): Promise<readonly StoredShipment[]> {
  const shipments = await db
    .selectFrom('shipments')
    .select(['id', 'marker', 'sent_after', 'receipt'])
    .where('window_id', '=', windowId)
    .where('batch', '=', batch)
    .where('state', '=', state)
    .orderBy('id')
    .execute();
  if (shipments.length === 0) return [];
  const { rows } = await sql<
    ItemRow & { shipment_id: number; planned_hash: string | null }
  >`select bi.shipment_id, bi.hash as planned_hash, i.id, i.type, i.value, i.facts, i.sources, d.state as delivery, d.hash as held_hash
    from batch_items bi join indicators i on i.id = bi.indicator_id left join deliveries d on d.indicator_id = i.id
    where bi.shipment_id = any(${idList(shipments.map(({ id }) => id))}) and bi.outcome is null
    order by i.id`.execute(db);
  const items = new Map<number, ShippedItem[]>(shipments.map(({ id }) => [id, []]));
  for (const row of rows) items.get(row.shipment_id)?.push({ ...itemOf(row), plannedHash: row.planned_hash });
  return shipments.map((row) => ({
    id: row.id,
    marker: row.marker,
    sentAfter: row.sent_after,
    receipt: row.receipt,
    items: items.get(row.id) ?? [],
  }));
}

/** Items that the destination already holds in just this form are confirmed without being sent, even if an update was rejected since. */
export async function confirmHeld(
  db: LedgerDb,
  windowId: number,
  items: readonly { readonly id: number; readonly hash: string }[],
): Promise<void> {
  if (items.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await lockIndicators(
      tx,
      items.map(({ id }) => id),
    );
    await sql`update batch_items bi set outcome = 'confirmed', hash = r.hash
      from ${jsonRows(items, 'id bigint, hash text')}
      where bi.window_id = ${windowId} and bi.indicator_id = r.id`.execute(tx);
    await sql`update deliveries d set state = 'confirmed', score = bi.score, reason = bi.reason
      from batch_items bi join ${jsonRows(items, 'id bigint, hash text')} on r.id = bi.indicator_id
      where bi.window_id = ${windowId} and d.indicator_id = r.id and d.state = 'rejected' and d.hash = r.hash`.execute(
      tx,
    );
  });
}

/**
 * Writes shipments down before they are sent. An indicator that another shipment is on its way with, or that another window has
 * excluded since it was decided, or delivered in just this form since it was rendered, is left out, and stays unshipped. Returns how
 * many were left out.
 */
export async function planShipments(
  db: LedgerDb,
  where: { readonly windowId: number; readonly batch: number; readonly now: Date },
  planned: readonly {
    readonly marker: string;
    readonly items: readonly { readonly id: number; readonly hash: string }[];
  }[],
): Promise<number> {
  if (planned.length === 0) return 0;
  return db.transaction().execute(async (tx) => {
    const shipments = await tx
      .insertInto('shipments')
      .values(
        planned.map(({ marker }) => ({
          window_id: where.windowId,
          batch: where.batch,
          marker,
          state: 'planned' as const,
          sent_after: null,
          receipt: null,
          note: null,
        })),
      )
      .returning(['id', 'marker'])
      .execute();
    const idOf = new Map(shipments.map(({ id, marker }) => [marker, id]));
    const rows = planned
      .flatMap(({ marker, items }) => items.map(({ id, hash }) => ({ id, hash, shipment: idOf.get(marker) ?? null })))
      .sort((a, b) => a.id - b.id);
    // A window that excludes one of them does so before this, or it sees that it is on its way.
    await lockIndicators(
      tx,
      rows.map(({ id }) => id),
    );
    const claimed = await sql<{
      indicator_id: number;
    }>`insert into deliveries (indicator_id, state, shipment_id, changed_at)
      select r.id, 'pending', r.shipment, ${where.now}::timestamptz
      from ${jsonRows(rows, 'id bigint, shipment bigint, hash text')}
        join indicators i on i.id = r.id left join deliveries d on d.indicator_id = r.id and d.state <> 'pending'
      where i.exclusion is null and d.hash is distinct from r.hash
      on conflict (indicator_id) do update
        set state = 'pending', shipment_id = excluded.shipment_id, changed_at = excluded.changed_at
      where deliveries.state <> 'pending'
      returning indicator_id`.execute(tx);
    const mine = new Set(claimed.rows.map((row) => row.indicator_id));
    await sql`update batch_items bi set shipment_id = r.shipment, hash = r.hash
      from ${jsonRows(
        rows.filter(({ id }) => mine.has(id)),
        'id bigint, shipment bigint, hash text',
      )}
      where bi.window_id = ${where.windowId} and bi.indicator_id = r.id`.execute(tx);
    await sql`delete from shipments s where s.id = any(${idList(shipments.map(({ id }) => id))})
      and not exists (select 1 from batch_items bi where bi.shipment_id = s.id)`.execute(tx);
    return rows.length - mine.size;
  });
}

/** From here on the destination may have it. An earlier try is one that it has never seen, or this would not be another. */
export async function markSending(db: LedgerDb, shipmentId: number, now: Date): Promise<void> {
  await sql`update shipments set sent_after = ${now}::timestamptz where id = ${shipmentId}`.execute(db);
}

/**
 * Takes items out of a shipment that the destination has never seen: they are unshipped again, and the destination holds of them
 * what it held before.
 */
export async function takeOut(
  db: LedgerDb,
  { shipmentId, itemIds }: { readonly shipmentId: number; readonly itemIds: readonly number[] },
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockIndicators(tx, itemIds);
    const ids = idList(itemIds);
    await sql`delete from deliveries
      where shipment_id = ${shipmentId} and indicator_id = any(${ids}) and hash is null`.execute(tx);
    await sql`update deliveries set state = 'confirmed', shipment_id = null, changed_at = ${now}::timestamptz
      where shipment_id = ${shipmentId} and indicator_id = any(${ids})`.execute(tx);
    await sql`update batch_items set shipment_id = null, hash = null
      where shipment_id = ${shipmentId} and indicator_id = any(${ids})`.execute(tx);
    await sql`update shipments set sent_after = null where id = ${shipmentId}`.execute(tx);
    await sql`delete from shipments s where s.id = ${shipmentId}
      and not exists (select 1 from batch_items bi where bi.shipment_id = s.id)`.execute(tx);
  });
}

/** Whose items are on their way was written down when it was planned; that it has left is a matter of the shipment alone. */
export async function markSent(
  db: LedgerDb,
  sent: readonly { readonly id: number; readonly receipt: StoredReceipt }[],
): Promise<void> {
  if (sent.length === 0) return;
  await sql`update shipments s set state = 'sent', receipt = r.receipt
    from ${jsonRows(sent, 'id bigint, receipt jsonb')} where s.id = r.id`.execute(db);
}

/** Puts the items of a shipment that was declined as a whole into two new ones. */
export async function halveShipment(
  db: LedgerDb,
  shipment: StoredShipment,
  markers: readonly [string, string],
): Promise<void> {
  const middle = Math.ceil(shipment.items.length / 2);
  const halves = [shipment.items.slice(0, middle), shipment.items.slice(middle)];
  await db.transaction().execute(async (tx) => {
    await lockShipped(tx, [shipment.id]);
    for (const [index, half] of halves.entries()) {
      const ids = idList(half.map(({ id }) => id));
      const { rows } = await sql<{ id: number }>`insert into shipments (window_id, batch, marker, state)
        select window_id, batch, ${markers[index]}, 'planned' from shipments where id = ${shipment.id} returning id`.execute(
        tx,
      );
      const id = rows[0]?.id ?? null;
      await sql`update batch_items set shipment_id = ${id}
        where shipment_id = ${shipment.id} and indicator_id = any(${ids})`.execute(tx);
      await sql`update deliveries set shipment_id = ${id}
        where shipment_id = ${shipment.id} and indicator_id = any(${ids})`.execute(tx);
    }
    await sql`update shipments set state = 'settled', note = 'declined as a whole; halved' where id = ${shipment.id}`.execute(
      tx,
    );
  });
}

export interface Settlement {
  readonly shipmentId: number;
  readonly accepted: readonly number[];
  readonly rejected: readonly { readonly id: number; readonly reason: string }[];
  readonly note: string;
}

/** Records what the destination said of each item; a shipment is settled once all its items are. */
export async function settleShipments(db: LedgerDb, settlements: readonly Settlement[], now: Date): Promise<void> {
  if (settlements.length === 0) return;
  const items = settlements.flatMap(({ shipmentId: shipment, accepted, rejected }) => [
    ...accepted.map((id) => ({ shipment, id, outcome: 'confirmed', reason: null })),
    ...rejected.map(({ id, reason }) => ({ shipment, id, outcome: 'rejected', reason })),
  ]);
  const shipments = settlements.map(({ shipmentId, note }) => ({ id: shipmentId, note }));
  const settled = settlements.map(({ shipmentId }) => shipmentId);
  const ids = idList(settled);
  await db.transaction().execute(async (tx) => {
    await lockShipped(tx, settled);
    await sql`update batch_items bi set outcome = r.outcome, reason = coalesce(r.reason, bi.reason)
      from ${jsonRows(items, 'shipment bigint, id bigint, outcome text, reason text')}
      where bi.shipment_id = r.shipment and bi.indicator_id = r.id`.execute(tx);
    await sql`update deliveries d set
        state = bi.outcome,
        hash = case when bi.outcome = 'confirmed' then bi.hash else d.hash end,
        score = bi.score, reason = bi.reason, changed_at = ${now}::timestamptz
      from batch_items bi
      where bi.shipment_id = any(${ids}) and d.indicator_id = bi.indicator_id and d.shipment_id = bi.shipment_id
        and bi.outcome is not null`.execute(tx);
    await sql`update shipments s set state = 'settled', note = r.note
      from ${jsonRows(shipments, 'id bigint, note text')}
      where s.id = r.id and not exists (
        select 1 from batch_items bi where bi.shipment_id = s.id and bi.outcome is null)`.execute(tx);
  });
}

/** What is in these shipments: see `lockIndicators`. */
async function lockShipped(tx: Transaction<Database>, shipmentIds: readonly number[]): Promise<void> {
  await sql`select i.id from batch_items bi join indicators i on i.id = bi.indicator_id
    where bi.shipment_id = any(${idList(shipmentIds)}) order by i.id for no key update of i`.execute(tx);
}

function itemOf(row: ItemRow): DeliverItem {
  return {
    id: row.id,
    indicator: { key: { type: row.type, value: row.value }, facts: row.facts, sources: row.sources },
    heldHash: row.delivery === 'pending' ? null : row.held_hash,
  };
}
