import { sql, type Transaction } from 'kysely';
import type { Refusal } from '../indicators/refusal.ts';
import { ASKED, UNASKED } from './held.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import { setAside } from './set-aside.ts';
import type { StoredReceipt, StoredShipment } from './shipments.ts';
import { idList } from './slice-statements.ts';

/**
 * From here on the destination may have it; an earlier try is one that it has never seen. Returns false when the shipment is not what
 * it was when it was read: somebody else has sent it, or taken it apart.
 */
export async function markSending(
  db: LedgerDb,
  { id, sentAfter }: Pick<StoredShipment, 'id' | 'sentAfter'>,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`update shipments set sent_after = ${now}::timestamptz, ended_at = null
    where id = ${id} and state = 'planned' and sent_after is not distinct from ${sentAfter}::timestamptz
    returning id`.execute(db);
  return rows.length > 0;
}

/** Its try that left at `leftAt` has ended without a real answer: the destination may have it, or may still get it. */
export async function markLost(db: LedgerDb, id: number, leftAt: Date, now: Date): Promise<void> {
  await sql`update shipments set ended_at = ${now}::timestamptz
    where id = ${id} and state = 'planned' and sent_after = ${leftAt}::timestamptz`.execute(db);
}

/** The destination has declined the try that left at `leftAt`: of an earlier one it may still have what it had. */
export async function markTurnedAway(
  db: LedgerDb,
  { id, sentAfter, endedAt }: Pick<StoredShipment, 'id' | 'sentAfter' | 'endedAt'>,
  leftAt: Date,
): Promise<void> {
  await sql`update shipments set sent_after = ${sentAfter}::timestamptz, ended_at = ${endedAt}::timestamptz
    where id = ${id} and state = 'planned' and sent_after = ${leftAt}::timestamptz`.execute(db);
}

/**
 * Takes a shipment apart that the destination has never seen, or has declined: its items are unshipped again, and the destination holds
 * of them what it held before, with what a change that has left may have done in part. Does nothing when the shipment is not what it was
 * when it was read.
 */
export async function takeApart(
  db: LedgerDb,
  shipment: Pick<StoredShipment, 'id' | 'sentAfter'>,
  now: Date,
): Promise<void> {
  const { id } = shipment;
  await db.transaction().execute(async (tx) => {
    await lockShipped(tx, [id]);
    if (!(await isStill(tx, shipment))) return;
    await sql`delete from deliveries d using batch_items bi
      where bi.shipment_id = ${id} and d.indicator_id = bi.indicator_id and d.shipment_id = ${id}
        and d.hash is null and d.may_hold is null and d.remote_id is null and d.refused is null and d.held is null
        and d.asked->'before'->0 is null`.execute(tx);
    await sql`update deliveries d set
        state = case when d.hash is not null then 'confirmed' when d.may_hold is not null then 'set-aside'
          when d.refused is not null then 'rejected' else 'retracted' end,
        asked = ${shipment.sentAfter === null ? UNASKED : sql`d.asked`}, shipment_id = null, changed_at = ${now}::timestamptz
      from batch_items bi
      where bi.shipment_id = ${id} and d.indicator_id = bi.indicator_id and d.shipment_id = ${id}`.execute(tx);
    await sql`update batch_items set shipment_id = null, hash = null, held = null where shipment_id = ${id}`.execute(
      tx,
    );
    await sql`update shipments set state = 'settled', note = 'not taken in; planned anew' where id = ${id}`.execute(tx);
  });
}

/** Whose items are on their way was written down when it was planned; that it has left is a matter of the shipment alone. */
export async function markSent(
  db: LedgerDb,
  sent: readonly { readonly id: number; readonly receipt: StoredReceipt }[],
): Promise<void> {
  if (sent.length === 0) return;
  await sql`update shipments s set state = 'sent', receipt = r.receipt
    from ${jsonRows(sent, 'id bigint, receipt jsonb')} where s.id = r.id and s.state = 'planned'`.execute(db);
}

export interface Part {
  readonly name: string;
  readonly ids: readonly number[];
}

/** Puts the items of a shipment that is not to be sent as it is into new ones, unless somebody else has done so. Returns their ids. */
export async function divideShipment(
  db: LedgerDb,
  { id: whole }: Pick<StoredShipment, 'id'>,
  parts: readonly Part[],
  note: string,
): Promise<readonly number[]> {
  return db.transaction().execute(async (tx) => {
    await lockShipped(tx, [whole]);
    const { rows: still } =
      await sql`select id from shipments where id = ${whole} and state = 'planned' for update`.execute(tx);
    if (still.length === 0) return [];
    const made: number[] = [];
    for (const { name, ids } of parts) {
      const list = idList(ids);
      const { rows } = await sql<{ id: number }>`insert into shipments (window_id, batch, marker, state)
        select window_id, batch, ${name}, 'planned' from shipments where id = ${whole} returning id`.execute(tx);
      const id = rows[0]?.id ?? 0;
      await sql`update batch_items set shipment_id = ${id}
        where shipment_id = ${whole} and indicator_id = any(${list})`.execute(tx);
      await sql`update deliveries set shipment_id = ${id}
        where shipment_id = ${whole} and indicator_id = any(${list})`.execute(tx);
      made.push(id);
    }
    await sql`update shipments set state = 'settled', note = ${note} where id = ${whole}`.execute(tx);
    return made;
  });
}

export interface GivenId {
  readonly id: number;
  /** Null: the one that it had holds no longer. */
  readonly remoteId: string | null;
}

export interface Rejection {
  readonly id: number;
  readonly reason: string;
  /** What was known of it when a person rejected it; absent when it was no person, as far as is known. */
  readonly refused?: Refusal;
}

export interface Settlement {
  readonly shipmentId: number;
  readonly accepted: readonly number[];
  readonly rejected: readonly Rejection[];
  /** Set aside: the destination may have them, and does not say. */
  readonly unknown: readonly { readonly id: number; readonly reason: string; readonly afterReview?: true }[];
  /** Set aside: the destination has declined them, and holds of them what it held before. */
  readonly declined?: readonly { readonly id: number; readonly reason: string }[];
  /** The ids that the destination gave. */
  readonly given?: readonly GivenId[];
  /** What was accepted waits for a person at the destination. */
  readonly awaitsReview?: true;
  readonly note: string;
}

/** Records what the destination said of each item, the first time; a shipment is settled once all its items are. */
export async function settleShipments(db: LedgerDb, settlements: readonly Settlement[], now: Date): Promise<void> {
  if (settlements.length === 0) return;
  const items = settlements.flatMap(({ shipmentId: shipment, accepted, rejected, unknown, declined = [] }) => [
    ...accepted.map((id) => ({ shipment, id, outcome: 'confirmed', reason: null })),
    ...rejected.map(({ id, reason }) => ({ shipment, id, outcome: 'rejected', reason })),
    ...[...unknown, ...declined].map(({ id, reason }) => ({ shipment, id, outcome: 'set-aside', reason })),
  ]);
  const declined = settlements.flatMap((one) => one.declined ?? []);
  const aside = [...settlements.flatMap((one) => one.unknown), ...declined];
  const shipments = settlements.map(({ shipmentId, note }) => ({ id: shipmentId, note }));
  const settled = settlements.map(({ shipmentId }) => shipmentId);
  const ids = idList(settled);
  await db.transaction().execute(async (tx) => {
    await lockShipped(tx, settled);
    const due = await dueAfterReview(
      tx,
      settlements.flatMap((one) => one.unknown.filter(({ afterReview }) => afterReview === true)),
      now,
    );
    await sql`update batch_items bi set outcome = r.outcome, reason = coalesce(r.reason, bi.reason)
      from ${jsonRows(items, 'shipment bigint, id bigint, outcome text, reason text')}
      where bi.shipment_id = r.shipment and bi.indicator_id = r.id and bi.outcome is null`.execute(tx);
    const given = settlements
      .flatMap((one) => one.given ?? [])
      .map(({ id, remoteId }) => ({ id, remote_id: remoteId }));
    const refused = settlements
      .flatMap((one) => one.rejected)
      .flatMap((one) => (one.refused === undefined ? [] : [{ id: one.id, refused: one.refused }]));
    const isUnknown = sql`bi.outcome = 'set-aside' and bi.indicator_id <> all(${idList(declined.map(({ id }) => id))})`;
    const inReview = idList(settlements.filter((one) => one.awaitsReview).map(({ shipmentId }) => shipmentId));
    await sql`update deliveries d set
        state = bi.outcome,
        remote_id = case when bi.outcome = 'rejected' then d.remote_id when r.id is null then d.remote_id else r.remote_id end,
        held = case when bi.outcome = 'confirmed' then ${ASKED} else d.held end,
        asked = case when bi.outcome = 'rejected' then ${UNASKED} when bi.outcome <> 'confirmed' then d.asked end,
        awaits = case when bi.outcome = 'confirmed' and bi.shipment_id = any(${inReview}) then bi.shipment_id else d.awaits end,
        refused = case when bi.outcome = 'confirmed' then null else coalesce(person.refused, d.refused) end,
        hash = case when bi.outcome = 'confirmed' then bi.hash else d.hash end,
        may_hold = case when bi.outcome = 'confirmed' then null
          when ${isUnknown} then bi.hash
          else d.may_hold end,
        score = bi.score, reason = bi.reason, changed_at = ${now}::timestamptz
      from batch_items bi left join ${jsonRows(given, 'id bigint, remote_id text')} on r.id = bi.indicator_id
        left join (select * from ${jsonRows(refused, 'id bigint, refused jsonb')}) person on person.id = bi.indicator_id
      where bi.shipment_id = any(${ids}) and d.indicator_id = bi.indicator_id and d.shipment_id = bi.shipment_id
        and bi.outcome is not null and d.state = 'pending'`.execute(tx);
    await setAside(
      tx,
      aside.map(({ id, reason }) => ({ id, stage: 'delivery' as const, reason, dueAt: due.get(id) ?? null })),
      now,
    );
    await sql`update shipments s set state = 'settled', note = r.note
      from ${jsonRows(shipments, 'id bigint, note text')}
      where s.id = r.id and not exists (
        select 1 from batch_items bi where bi.shipment_id = s.id and bi.outcome is null)`.execute(tx);
    await sql`update shipments set review = 'waiting' where id = any(${inReview}) and review is null`.execute(tx);
  });
}

/** What cannot be done for a review is not tried every few minutes when that is over, as far as is known, and it still cannot. */
const AGAIN_AFTER_MS = 24 * 3_600_000;

/**
 * When what waits for the end of a review is due, if that has come already: at once, and the next day from the second time on. Of others
 * the review says it.
 */
async function dueAfterReview(
  tx: Transaction<Database>,
  items: readonly { readonly id: number; readonly reason: string }[],
  now: Date,
): Promise<ReadonlyMap<number, Date>> {
  if (items.length === 0) return new Map();
  const { rows } = await sql<{
    id: number;
    again: boolean;
  }>`select d.indicator_id as id, d.reason is not distinct from r.reason as again
    from ${jsonRows(items, 'id bigint, reason text')} join deliveries d on d.indicator_id = r.id where d.awaits is null`.execute(
    tx,
  );
  return new Map(rows.map(({ id, again }) => [id, again ? new Date(now.getTime() + AGAIN_AFTER_MS) : now]));
}

/** Locks a shipment; false when somebody else has sent it, or taken it apart, since it was read. */
async function isStill(
  tx: Transaction<Database>,
  { id, sentAfter }: Pick<StoredShipment, 'id' | 'sentAfter'>,
): Promise<boolean> {
  const { rows } = await sql`select id from shipments
    where id = ${id} and state = 'planned' and sent_after is not distinct from ${sentAfter}::timestamptz for update`.execute(
    tx,
  );
  return rows.length > 0;
}

/** What is in these shipments: see `lockIndicators`. */
async function lockShipped(tx: Transaction<Database>, shipmentIds: readonly number[]): Promise<void> {
  await sql`select i.id from batch_items bi join indicators i on i.id = bi.indicator_id
    where bi.shipment_id = any(${idList(shipmentIds)}) order by i.id for no key update of i`.execute(tx);
}
