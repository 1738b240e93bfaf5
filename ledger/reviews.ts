import { sql, type Transaction } from 'kysely';
import type { Telling } from '../indicators/refusal.ts';
import { askedAfter } from './held.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import type { GivenId } from './shipment-steps.ts';
import type { StoredReceipt } from './shipments.ts';
import { idList, lockIndicators } from './slice-statements.ts';

export interface WaitingShipment {
  readonly shipmentId: number;
  readonly receipt: StoredReceipt;
}

/** The shipments of a pipeline that wait for a person at the destination. */
export async function waitingForReview(db: LedgerDb, pipeline: string): Promise<readonly WaitingShipment[]> {
  const { rows } = await sql<WaitingShipment>`select s.id as "shipmentId", s.receipt
    from shipments s join windows w on w.id = s.window_id
    where s.review = 'waiting' and s.state = 'settled' and s.receipt is not null and w.pipeline = ${pipeline}
    order by s.id`.execute(db);
  return rows;
}

export interface InReview {
  readonly shipments: number;
  readonly indicators: number;
  /** When the first of them was sent; null when there is none. */
  readonly oldest: Date | null;
}

/** How much of a pipeline waits for a person at the destination. */
export async function inReview(db: LedgerDb, pipeline: string): Promise<InReview> {
  const { rows } =
    await sql<InReview>`select count(distinct s.id)::int as shipments, count(d.indicator_id)::int as indicators,
      min(s.sent_after) as oldest
    from shipments s join windows w on w.id = s.window_id left join deliveries d on d.awaits = s.id
    where s.review = 'waiting' and s.state = 'settled' and w.pipeline = ${pipeline}`.execute(db);
  return rows[0] ?? { shipments: 0, indicators: 0, oldest: null };
}

/** What came of a shipment for which a person was waited. */
export interface Review {
  readonly shipmentId: number;
  /** Taken out of it by a person; with what was known of each then. */
  readonly rejected: readonly { readonly id: number; readonly reason: string; readonly known: Telling }[];
  /** Nobody can say any more whether the destination has them. */
  readonly unknown: readonly { readonly id: number; readonly reason: string }[];
  readonly given: readonly GivenId[];
  /** Some of it waits still. */
  readonly waits: boolean;
}

/**
 * Writes down what a person has decided about shipments, of what still waits with them: also where another pipeline shares it, and
 * whatever else is on its way with it. What the windows counted that delivered it stays as it was. What could not be withdrawn
 * or changed while it waited is due. Returns how many indicators were taken out.
 */
export async function writeReviews(db: LedgerDb, reviews: readonly Review[], now: Date): Promise<number> {
  if (reviews.length === 0) return 0;
  const shipments = reviews.map(({ shipmentId }) => shipmentId);
  const decided = reviews.filter(({ waits }) => !waits).map(({ shipmentId }) => shipmentId);
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`select indicator_id as id from deliveries
      where awaits = any(${idList(shipments)})`.execute(tx);
    await lockIndicators(
      tx,
      [...rows, ...reviews.flatMap(({ rejected }) => rejected)].map(({ id }) => id),
    );
    await sql`update set_aside a set due_at = ${now}::timestamptz from deliveries d
      where d.awaits = any(${idList(decided)}) and d.state = 'set-aside' and d.shipment_id is distinct from d.awaits
        and a.indicator_id = d.indicator_id`.execute(tx);
    await writeGiven(tx, reviews);
    const rejected = await writeRejected(tx, reviews, now);
    await writeUnknown(tx, reviews, now);
    await sql`update deliveries set awaits = null where awaits = any(${idList(decided)})`.execute(tx);
    await sql`update shipments set review = 'decided' where id = any(${idList(decided)})`.execute(tx);
    return rejected;
  });
}

/**
 * Of what the rows `r` are about, the deliveries `d` that wait with their shipment: of this pipeline, and of those that share it. So does what
 * it may have brought, of which nobody knew.
 */
const WAITING = sql.raw(`join indicators said on said.id = r.id
  join indicators i on i.value = said.value and i.type = said.type
  join deliveries d on d.indicator_id = i.id
    and (d.awaits = r.shipment or (d.awaits is null and d.may_hold is not null and d.shipment_id = r.shipment))`);

async function writeGiven(tx: Transaction<Database>, reviews: readonly Review[]): Promise<void> {
  const rows = reviews.flatMap(({ shipmentId, given }) =>
    given.map(({ id, remoteId }) => ({ shipment: shipmentId, id, remote_id: remoteId })),
  );
  if (rows.length === 0) return;
  await sql`update deliveries u set remote_id = r.remote_id
    from ${jsonRows(rows, 'shipment bigint, id bigint, remote_id text')} ${WAITING}
    where u.indicator_id = d.indicator_id`.execute(tx);
}

async function writeRejected(tx: Transaction<Database>, reviews: readonly Review[], now: Date): Promise<number> {
  const rows = reviews.flatMap(({ shipmentId, rejected }) => rejected.map((one) => ({ shipment: shipmentId, ...one })));
  if (rows.length === 0) return 0;
  await sql`delete from set_aside a using ${jsonRows(rows, 'shipment bigint, id bigint')} ${WAITING}
    where a.indicator_id = d.indicator_id and a.stage = 'delivery' and a.due_at is null`.execute(tx);
  // What is on its way is settled as that turns out.
  const { rows: changed } = await sql`update deliveries u set
      state = case when u.state = 'pending' then u.state else 'rejected' end,
      reason = case when u.state = 'pending' then u.reason else r.reason end,
      -- What is about to be withdrawn may have been left out by that.
      refused = case when u.state = 'pending' and u.shipment_id is null then u.refused
        else r.known || jsonb_build_object('hash', coalesce(u.hash, u.may_hold, '')) end,
      hash = null, held = null, remote_id = null, awaits = null,
      asked = case when u.state = 'pending' then u.asked end, may_hold = null,
      changed_at = case when u.state = 'pending' then u.changed_at else ${now}::timestamptz end
    from ${jsonRows(rows, 'shipment bigint, id bigint, reason text, known jsonb')} ${WAITING}
    where u.indicator_id = d.indicator_id returning u.indicator_id`.execute(tx);
  return changed.length;
}

/** They were believed to be there, and are set aside as what may be. */
async function writeUnknown(tx: Transaction<Database>, reviews: readonly Review[], now: Date): Promise<void> {
  const rows = reviews.flatMap(({ shipmentId, unknown }) => unknown.map((one) => ({ shipment: shipmentId, ...one })));
  if (rows.length === 0) return;
  await sql`with unsure as (
      update deliveries u set state = 'set-aside', reason = r.reason, may_hold = u.hash, hash = null,
        asked = case when u.held is null then u.asked else ${askedAfter(sql`u.held`, sql`u.asked`)} end, held = null,
        changed_at = ${now}::timestamptz
      from ${jsonRows(rows, 'shipment bigint, id bigint, reason text')} ${WAITING}
      where u.indicator_id = d.indicator_id and u.state = 'confirmed' and u.shipment_id = r.shipment
      returning u.indicator_id, u.reason
    )
    insert into set_aside (indicator_id, stage, reason, since, due_at)
    select indicator_id, 'delivery', reason, ${now}::timestamptz, null from unsure
    on conflict (indicator_id) do update set stage = excluded.stage, reason = excluded.reason`.execute(tx);
}
