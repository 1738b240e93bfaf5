import { type RawBuilder, sql } from 'kysely';
import type { Facts, Indicator, IndicatorType } from '../indicators/indicator.ts';
import type { Refusal } from '../indicators/refusal.ts';
import { askedAfter, HELD, type HeldAtPlan, type HeldForm, maybe } from './held.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import { elsewhere, lockShared } from './other-pipelines.ts';
import type { DeliveryState } from './schema.ts';
import { idList, lockIndicators } from './slice-statements.ts';

export interface DeliverItem {
  readonly id: number;
  readonly indicator: Indicator;
  /** What the destination holds for it now; null when nothing. */
  readonly heldHash: string | null;
  /** What it may hold besides, and what that left with. */
  readonly mayHold: { readonly hash: string; readonly shipmentId: number } | null;
  /** By its own id and in its own form; of what is in a shipment: when that was planned. Null when nothing. */
  readonly held: HeldAtPlan | null;
}

/** One that is in no shipment. */
export interface UnshippedItem extends DeliverItem {
  /** What was known of it when a person at the destination rejected it; null when nobody has. */
  readonly refused: Refusal | null;
}

export interface ShippedItem extends DeliverItem {
  /** Of what the destination is asked to hold. */
  readonly plannedHash: string | null;
}

export type StoredReceipt = Readonly<Record<string, string | number | boolean | null>>;

export interface StoredShipment {
  readonly id: number;
  readonly name: string;
  /** When it left last: from then on the destination may have it. */
  readonly sentAfter: Date | null;
  /** When that try ended without an acknowledgement; null when nobody has said so. */
  readonly endedAt: Date | null;
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
  may_hold: string | null;
  delivered_with: number | null;
  held: HeldAtPlan | null;
}

/** A page of what is in no batch yet, by the ids of its items. */
export interface Unordered {
  readonly after: number;
  readonly limit: number;
}

/** Items to deliver that are in no shipment yet: those of a batch, or some of those that are in none. */
export async function unshippedItems(
  db: LedgerDb,
  windowId: number,
  which: number | Unordered,
): Promise<readonly UnshippedItem[]> {
  const [those, limit] =
    typeof which === 'number'
      ? [sql`bi.batch = ${which}`, null]
      : [sql`bi.batch is null and i.id > ${which.after}`, which.limit];
  const { rows } = await sql<
    ItemRow & Pick<UnshippedItem, 'refused'>
  >`select i.id, i.type, i.value, i.facts, i.sources, d.state as delivery, d.hash as held_hash,
      d.may_hold, d.shipment_id as delivered_with, ${HELD} as held, d.refused
    from batch_items bi join indicators i on i.id = bi.indicator_id left join deliveries d on d.indicator_id = i.id
    where bi.window_id = ${windowId} and ${those} and bi.decision = 'deliver'
      and bi.outcome is null and bi.shipment_id is null
    order by i.id limit ${limit}::int`.execute(db);
  return rows.map(unshippedOf);
}

/** The shipments of a batch that the destination has not settled. */
export async function openShipments(
  db: LedgerDb,
  windowId: number,
  batch: number,
  state: 'planned' | 'sent',
): Promise<readonly StoredShipment[]> {
  const { rows } = await sql<ShipmentRow>`select id, marker, sent_after, ended_at, receipt from shipments
    where window_id = ${windowId} and batch = ${batch} and state = ${state} order by id`.execute(db);
  return withItems(db, rows);
}

/** Which of the shipments of a batch that have left the destination has not settled. */
export async function sentShipments(db: LedgerDb, windowId: number, batch: number): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom('shipments')
    .select('id')
    .where('window_id', '=', windowId)
    .where('batch', '=', batch)
    .where('state', '=', 'sent')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export interface ShipmentRow {
  readonly id: number;
  readonly marker: string;
  readonly sent_after: Date | null;
  readonly ended_at: Date | null;
  readonly receipt: StoredReceipt | null;
}

/** Shipments with their items, those that are not settled or all. */
export async function withItems(
  db: LedgerDb,
  shipments: readonly ShipmentRow[],
  which: 'open' | 'all' = 'open',
): Promise<readonly StoredShipment[]> {
  if (shipments.length === 0) return [];
  const ids = idList(shipments.map(({ id }) => id));
  const { rows } = await sql<
    ItemRow & { shipment_id: number; planned_hash: string | null }
  >`select bi.shipment_id, bi.hash as planned_hash, i.id, i.type, i.value, i.facts, i.sources, d.state as delivery, d.hash as held_hash,
      d.may_hold, d.shipment_id as delivered_with, bi.held
    from ${which === 'all' ? everShipped(ids) : sql`batch_items`} bi
      join indicators i on i.id = bi.indicator_id left join deliveries d on d.indicator_id = i.id
    where bi.shipment_id = any(${ids}) and (bi.outcome is null or ${which === 'all'}::boolean)
    order by i.id`.execute(db);
  const items = new Map<number, ShippedItem[]>(shipments.map(({ id }) => [id, []]));
  for (const row of rows) items.get(row.shipment_id)?.push({ ...itemOf(row), plannedHash: row.planned_hash });
  return shipments.map(({ id, marker: name, sent_after: sentAfter, ended_at: endedAt, receipt }) => ({
    id,
    name,
    sentAfter,
    endedAt,
    receipt,
    items: items.get(id) ?? [],
  }));
}

/** With what waits for a person with one of the shipments, and has been decided anew by the window that delivered it. */
function everShipped(ids: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select shipment_id, indicator_id, hash, held, outcome from batch_items where shipment_id = any(${ids})
    union all
    select a.awaits, a.indicator_id, null, null, 'confirmed'
    from deliveries a join shipments s on s.id = a.awaits join windows w on w.id = s.window_id
      join indicators own on own.id = a.indicator_id and own.pipeline = w.pipeline
    where a.awaits = any(${ids}) and not exists (
      select 1 from batch_items b where b.shipment_id = a.awaits and b.indicator_id = a.indicator_id))`;
}

/** Items that the destination already holds in just this form are confirmed without being sent, even if an update was rejected since. */
export async function confirmHeld(
  db: LedgerDb,
  windowId: number,
  items: readonly { readonly id: number; readonly hash: string }[],
): Promise<void> {
  if (items.length === 0) return;
  await db.transaction().execute(async (tx) => {
    const ids = items.map(({ id }) => id);
    await lockIndicators(tx, ids);
    await sql`update batch_items bi set outcome = 'confirmed', hash = r.hash
      from ${jsonRows(items, 'id bigint, hash text')}
      where bi.window_id = ${windowId} and bi.indicator_id = r.id`.execute(tx);
    await sql`update deliveries d set state = 'confirmed', score = bi.score, reason = bi.reason
      from batch_items bi
      where bi.window_id = ${windowId} and bi.indicator_id = any(${idList(ids)}) and d.indicator_id = bi.indicator_id
        and d.state in ('rejected', 'set-aside') and d.hash = bi.hash`.execute(tx);
  });
}

/** Nobody waits longer for another pipeline that nobody is at work on: its runs may have been stopped for good. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** Of a delivery `o`, whether the window that is on its way with it is heard of. */
const AT_WORK = sql`exists (select 1 from windows w
  where w.id = coalesce((select s.window_id from shipments s where s.id = o.shipment_id), o.withdrawn_by)
    and w.state = 'running' and w.leased_until > now())`;

export interface PlannedItem {
  readonly id: number;
  readonly hash: string;
  /** What the destination is asked to hold. */
  readonly form: HeldForm;
  /** What it held when that was put into its form. */
  readonly held: HeldAtPlan | null;
}

/**
 * Writes shipments down before they are sent. An indicator that another shipment is on its way with, or that another window has
 * excluded since it was decided, or delivered in any form since it was rendered, is left out, and stays unshipped; so is one that
 * another pipeline is on its way with to the same organisation. Returns how many were left out.
 */
export async function planShipments(
  db: LedgerDb,
  where: {
    readonly windowId: number;
    readonly batch: number;
    readonly now: Date;
    /** Other pipelines that deliver to the same organisation. */
    readonly sharing?: readonly string[];
  },
  planned: readonly {
    readonly name: string;
    readonly items: readonly PlannedItem[];
  }[],
): Promise<number> {
  if (planned.length === 0) return 0;
  return db.transaction().execute(async (tx) => {
    const shipments = await tx
      .insertInto('shipments')
      .values(
        planned.map(({ name }) => ({
          window_id: where.windowId,
          batch: where.batch,
          marker: name,
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
      .flatMap(({ name, items }) => items.map((item) => ({ ...item, shipment: idOf.get(name) ?? null })))
      .sort((a, b) => a.id - b.id);
    // A window that excludes one of them does so before this, or it sees that it is on its way.
    const sharing = where.sharing ?? [];
    await lockShared(
      tx,
      rows.map(({ id }) => id),
      sharing,
    );
    const waitsSince = new Date(where.now.getTime() - LONGEST_WAIT_MS);
    const claimed = await sql<{
      indicator_id: number;
    }>`insert into deliveries (indicator_id, state, shipment_id, asked, changed_at)
      select r.id, 'pending', r.shipment, jsonb_build_object('hash', r.hash, 'form', r.form), ${where.now}::timestamptz
      from ${jsonRows(rows, 'id bigint, shipment bigint, hash text, form jsonb, held jsonb')}
        join indicators i on i.id = r.id left join deliveries d on d.indicator_id = r.id and d.state <> 'pending'
      where i.exclusion is null and (d.hash is distinct from r.hash or d.asked is not null)
        and (${HELD}) is not distinct from r.held
        and not ${elsewhere(sql`r.id`, sharing, sql`o.state = 'pending' and (o.changed_at > ${waitsSince}::timestamptz or ${AT_WORK})`)}
      on conflict (indicator_id) do update
        set state = 'pending', shipment_id = excluded.shipment_id, changed_at = excluded.changed_at,
          asked = ${askedAfter(sql`excluded.asked`, sql`deliveries.asked`)},
          -- What it may hold besides, in a form that nobody has written down, may be all that it holds.
          held = case when deliveries.may_hold is null or ${maybe('deliveries')} is not null then deliveries.held end
      where deliveries.state <> 'pending'
      returning indicator_id`.execute(tx);
    const mine = new Set(claimed.rows.map((row) => row.indicator_id));
    await sql`update batch_items bi set shipment_id = r.shipment, hash = r.hash, held = r.held
      from ${jsonRows(
        rows.filter(({ id }) => mine.has(id)),
        'id bigint, shipment bigint, hash text, held jsonb',
      )}
      where bi.window_id = ${where.windowId} and bi.indicator_id = r.id`.execute(tx);
    await sql`delete from shipments s where s.id = any(${idList(shipments.map(({ id }) => id))})
      and not exists (select 1 from batch_items bi where bi.shipment_id = s.id)`.execute(tx);
    return rows.length - mine.size;
  });
}

function unshippedOf(row: ItemRow & Pick<UnshippedItem, 'refused'>): UnshippedItem {
  return { ...itemOf(row), refused: row.refused };
}

function itemOf(row: ItemRow): DeliverItem {
  return {
    id: row.id,
    indicator: { key: { type: row.type, value: row.value }, facts: row.facts, sources: row.sources },
    heldHash: row.delivery === 'pending' ? null : row.held_hash,
    mayHold:
      row.delivery === 'pending' || row.may_hold === null || row.delivered_with === null
        ? null
        : { hash: row.may_hold, shipmentId: row.delivered_with },
    held: row.held,
  };
}
