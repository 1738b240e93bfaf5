import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { IndicatorType } from '../indicators/indicator.ts';
import { LOOK_UP_GIVEN_UP } from '../indicators/policy.ts';
import { askedAfter, HELD, type HeldAtPlan } from './held.ts';
import type { LedgerDb } from './open-ledger.ts';
import { elsewhere, lockShared } from './other-pipelines.ts';
import type { Database } from './schema.ts';
import { setAside } from './set-aside.ts';
import type { StoredReceipt } from './shipments.ts';
import { idList, lockIndicators } from './slice-statements.ts';

export interface RetractableItem {
  readonly id: number;
  readonly type: IndicatorType;
  readonly value: string;
}

/** One that is about to be withdrawn. */
export interface ClaimedItem extends RetractableItem {
  readonly held: HeldAtPlan | null;
  /** The receipt of the request with which it waits for a person at the destination; null when it does not. */
  readonly awaiting: StoredReceipt | null;
  /** The receipt of the request of which nobody knows whether it has brought it, as long as it is told; null when there is none. */
  readonly unsure?: StoredReceipt | null;
}

/** Of a delivery `d`: see `ClaimedItem`. */
export const AWAITING = sql<StoredReceipt | null>`(select waits.receipt from shipments waits
  where waits.id = d.awaits and waits.review = 'waiting')`;

/** Of a delivery whose withdrawal may or may not have been done: it holds what it held, or nothing. */
export const NO_LONGER_SURE = sql`asked = case when hash is null or held is null then asked else ${askedAfter(sql`held`, sql`asked`)} end, held = null,
  may_hold = coalesce(hash, may_hold), hash = null`;

/** Of a delivery that was withdrawn: it is inactive there, in the form that it had. */
export const WITHDRAWN = sql`hash = null, may_hold = null, awaits = null`;

/**
 * Settles the items of a batch that are not to be delivered: held, where the destination does not have them or may keep
 * them (a score between `retractBelow` and the minimum, or no answer of MDTI). The rest is returned: the destination must give those up.
 * `busy` are on their way there with another batch. Windows are handled side by side, so what another one has found since
 * the decision counts: what it has excluded is not to be delivered, and what it has brought back is not withdrawn.
 */
export async function settleUndelivered(
  db: LedgerDb,
  windowId: number,
  batch: number,
  retractBelow: number,
): Promise<{ readonly retract: readonly RetractableItem[]; readonly busy: number }> {
  await excludeSince(db, windowId, sql`bi.batch = ${batch}`);
  // Pending without a shipment: an attempt before this one was about to withdraw it.
  const { rows } = await sql<RetractableItem & { busy: boolean }>`
    select i.id, i.type, i.value, d.state = 'pending' and d.shipment_id is not null as busy
    from batch_items bi join indicators i on i.id = bi.indicator_id join deliveries d on d.indicator_id = i.id
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.decision <> 'deliver' and bi.outcome is null
      and ${mustBeGivenUp(retractBelow)}
    order by i.id`.execute(db);
  await sql`update batch_items bi set outcome = 'held'
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.decision <> 'deliver' and bi.outcome is null
      and not bi.indicator_id = any(${idList(rows.map(({ id }) => id))})`.execute(db);
  return {
    retract: rows.filter(({ busy }) => !busy).map(({ id, type, value }) => ({ id, type, value })),
    busy: rows.filter(({ busy }) => busy).length,
  };
}

/**
 * Settles, of all items of a window that are in no batch yet, those of which nothing is to be delivered or withdrawn: held, as
 * `settleUndelivered` has it. What was gathered until now, and is held, is not gathered any more.
 */
export async function settleHeld(db: LedgerDb, windowId: number, retractBelow: number): Promise<void> {
  await excludeSince(db, windowId, sql`bi.batch is null`);
  await sql`with held as (
      update batch_items bi set outcome = 'held' from indicators i
      where bi.window_id = ${windowId} and bi.batch is null and bi.decision <> 'deliver' and bi.outcome is null
        and i.id = bi.indicator_id and not exists (
          select 1 from deliveries d where d.indicator_id = i.id and ${mustBeGivenUp(retractBelow)})
      returning bi.indicator_id
    )
    delete from set_aside s using held where s.indicator_id = held.indicator_id and s.sort_key is not null`.execute(db);
}

/** What was to be delivered and has been excluded since it was decided. */
async function excludeSince(db: LedgerDb, windowId: number, which: RawBuilder<unknown>): Promise<void> {
  await sql`update batch_items bi set decision = 'exclude', reason = i.exclusion, score = null
    from indicators i where bi.window_id = ${windowId} and ${which} and i.id = bi.indicator_id
      and bi.decision = 'deliver' and bi.outcome is null and bi.shipment_id is null and i.exclusion is not null`.execute(
    db,
  );
}

/** Of an item `bi` that is not to be delivered, with its indicator `i` and its delivery `d`: whether the destination must give it up. */
function mustBeGivenUp(retractBelow: number): RawBuilder<boolean> {
  return sql<boolean>`(d.state = 'pending' or d.hash is not null or d.may_hold is not null)
      and case when bi.decision = 'exclude' then i.exclusion is not null or (d.state = 'pending' and d.shipment_id is null)
        else not bi.reason = any(${[...LOOK_UP_GIVEN_UP]}::text[]) and coalesce(bi.score, 0) < ${retractBelow} end`;
}

export interface ClaimedRetractions {
  /** Those that may be withdrawn. Others have come back, or are on their way with another batch. */
  readonly mine: readonly ClaimedItem[];
  /** Those that another pipeline delivers to the same organisation: they are no longer this one's, and stay there. */
  readonly stay: readonly number[];
}

/** From here on the destination may have given them up: until `markRetracted`, they are on their way for all other batches. */
export async function claimRetractions(
  db: LedgerDb,
  windowId: number,
  ids: readonly number[],
  now: Date,
  sharing: readonly string[] = [],
): Promise<ClaimedRetractions> {
  return db.transaction().execute(async (tx) => {
    await lockShared(tx, ids, sharing);
    const { rows } = await sql<ClaimedItem & { elsewhere: boolean }>`update deliveries d
      set state = 'pending', shipment_id = null, withdrawn_by = ${windowId}, changed_at = ${now}::timestamptz
      from batch_items bi join indicators i on i.id = bi.indicator_id join deliveries was on was.indicator_id = i.id
      where bi.window_id = ${windowId} and bi.indicator_id = any(${idList(ids)}) and d.indicator_id = bi.indicator_id
        and ((d.state <> 'pending' and (d.hash is not null or d.may_hold is not null) and (bi.decision <> 'exclude' or i.exclusion is not null))
          or (d.state = 'pending' and d.shipment_id is null))
      returning i.id, i.type, i.value, ${HELD} as held, ${AWAITING} as awaiting,
        (select s.receipt from shipments s where s.id = was.shipment_id and was.may_hold is not null) as unsure, ${elsewhere(sql`i.id`, sharing, sql`o.hash is not null or o.may_hold is not null or o.state = 'pending'`)} as elsewhere`.execute(
      tx,
    );
    const stay = rows.filter((row) => row.elsewhere).map(({ id }) => id);
    if (stay.length > 0) {
      await sql`update batch_items set reason = 'delivered-by-another-pipeline'
        where window_id = ${windowId} and indicator_id = any(${idList(stay)})`.execute(tx);
      await writeRetracted(tx, windowId, stay, now);
      // In what form is no longer this one's matter.
      await sql`update deliveries set held = null, asked = null where indicator_id = any(${idList(stay)})`.execute(tx);
    }
    const mine = rows.flatMap(({ elsewhere: isElsewhere, ...item }) => (isElsewhere ? [] : [item]));
    return { mine, stay };
  });
}

export async function markRetracted(db: LedgerDb, windowId: number, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await lockIndicators(tx, ids);
    await writeRetracted(tx, windowId, ids, now);
  });
}

/** Nothing is left of these at the destination: the ids that it gave hold no longer, and what comes back is new there. */
export async function forgetRemoteIds(db: LedgerDb, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update deliveries set remote_id = null, held = null, asked = null
    where indicator_id = any(${idList(ids)}) and state = 'retracted'`.execute(db);
}

async function writeRetracted(
  tx: Transaction<Database>,
  windowId: number,
  ids: readonly number[],
  now: Date,
): Promise<void> {
  await sql`update batch_items set outcome = 'retracted'
    where window_id = ${windowId} and indicator_id = any(${idList(ids)})`.execute(tx);
  await sql`delete from set_aside where indicator_id = any(${idList(ids)}) and stage = 'delivery'`.execute(tx);
  await sql`update deliveries d set state = 'retracted', ${WITHDRAWN},
      score = bi.score, reason = bi.reason, changed_at = ${now}::timestamptz
    from batch_items bi
    where bi.window_id = ${windowId} and bi.indicator_id = d.indicator_id
      and d.indicator_id = any(${idList(ids)})`.execute(tx);
}

/** What was not seen to be withdrawn is tried again by a later run. */
const AGAIN_AFTER_MS = 24 * 3_600_000;

/** What nobody can say is withdrawn is set aside: the destination may hold it still, and that is treated as held. */
export async function setRetractionsAside(
  db: LedgerDb,
  windowId: number,
  items: readonly { readonly id: number; readonly reason: string }[],
  now: Date,
): Promise<void> {
  if (items.length === 0) return;
  const dueAt = new Date(now.getTime() + AGAIN_AFTER_MS);
  await db.transaction().execute(async (tx) => {
    const ids = items.map(({ id }) => id);
    await lockIndicators(tx, ids);
    await sql`update batch_items bi set outcome = 'set-aside'
      where bi.window_id = ${windowId} and bi.indicator_id = any(${idList(ids)})`.execute(tx);
    await sql`update deliveries d set state = 'set-aside', ${NO_LONGER_SURE}, changed_at = ${now}::timestamptz
      where d.indicator_id = any(${idList(ids)}) and d.state = 'pending' and d.shipment_id is null`.execute(tx);
    await setAside(
      tx,
      items.map(({ id, reason }) => ({ id, stage: 'delivery' as const, reason, dueAt })),
      now,
    );
  });
}
