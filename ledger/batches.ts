import { sql, type Transaction } from 'kysely';
import type { Facts, Indicator, IndicatorType } from '../indicators/indicator.ts';
import type { Decision, ExclusionReason } from '../indicators/policy.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import { onLookUpList, type SetAside, setAside, takeOffList } from './set-aside.ts';
import { lockIndicators } from './slice-statements.ts';

/**
 * Numbers the window's items into batches of `size` that are each scored and delivered by itself, alike ones together so that one
 * request can carry many: as windows that a run of an earlier release has begun have them. Items that have a batch keep it. Returns how
 * many batches the window has.
 */
export async function formBatches(db: LedgerDb, windowId: number, size: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await sql`with base as (
        select coalesce(max(batch), 0) as last from batches where window_id = ${windowId}
      ), numbered as (
        select bi.indicator_id, base.last + 1
          + ((row_number() over (order by left(i.facts->>'validUntil', 10), i.facts->>'tlp', i.facts->>'threat', i.facts->>'tags', i.type, i.id)) - 1) / ${size}::int as batch
        from batch_items bi join indicators i on i.id = bi.indicator_id cross join base
        where bi.window_id = ${windowId} and bi.batch is null and bi.outcome is null
      )
      update batch_items bi set batch = n.batch from numbered n
      where bi.window_id = ${windowId} and bi.indicator_id = n.indicator_id`.execute(tx);
    await sql`insert into batches (window_id, batch, items)
      select window_id, batch, count(*) from batch_items where window_id = ${windowId} and batch is not null group by window_id, batch
      on conflict do nothing`.execute(tx);
    return batchesOf(tx, windowId);
  });
}

/** How many batches of the window are delivered. */
export async function batchesOf(db: LedgerDb | Transaction<Database>, windowId: number): Promise<number> {
  const row = await db
    .selectFrom('batches')
    .select((eb) => eb.fn.countAll<number>().as('batches'))
    .where('window_id', '=', windowId)
    .executeTakeFirstOrThrow();
  return row.batches;
}

/** Whether the window has items that nobody has numbered. */
export async function hasUnnumbered(db: LedgerDb, windowId: number): Promise<boolean> {
  const first = await db
    .selectFrom('batch_items')
    .select('indicator_id')
    .where('window_id', '=', windowId)
    .where('scoring', 'is', null)
    .where('batch', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return first !== undefined;
}

/** Whether anything of the window is left to be done. */
export async function hasUnsettled(db: LedgerDb, windowId: number): Promise<boolean> {
  const first = await db
    .selectFrom('batch_items')
    .select('indicator_id')
    .where('window_id', '=', windowId)
    .where('outcome', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return first !== undefined;
}

/** The first batches after `after` that have unsettled items. */
export async function openBatches(
  db: LedgerDb,
  windowId: number,
  after: number,
  limit: number,
): Promise<readonly { readonly batch: number; readonly items: number }[]> {
  return db
    .selectFrom('batches')
    .select(['batch', 'items'])
    .where('window_id', '=', windowId)
    .where('batch', '>', after)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('batch_items')
          .select('indicator_id')
          .whereRef('batch_items.window_id', '=', 'batches.window_id')
          .whereRef('batch_items.batch', '=', 'batches.batch')
          .where('outcome', 'is', null),
      ),
    )
    .orderBy('batch')
    .limit(limit)
    .execute();
}

export interface UndecidedItem {
  readonly id: number;
  readonly indicator: Indicator;
  readonly exclusion: ExclusionReason | null;
}

/** Of a batch that is scored by itself, or of what is scored together. */
export type ToScore = { readonly batch: number } | { readonly scoring: number };

export async function undecidedItems(
  db: LedgerDb,
  windowId: number,
  which: ToScore,
): Promise<readonly UndecidedItem[]> {
  const together = 'scoring' in which ? sql`bi.scoring = ${which.scoring}` : sql`bi.batch = ${which.batch}`;
  const { rows } = await sql<{
    id: number;
    type: IndicatorType;
    value: string;
    facts: Facts;
    sources: readonly string[];
    exclusion: ExclusionReason | null;
  }>`select i.id, i.type, i.value, i.facts, i.sources, i.exclusion
    from batch_items bi join indicators i on i.id = bi.indicator_id
    where bi.window_id = ${windowId} and ${together} and bi.decision is null
    order by i.id`.execute(db);
  return rows.map(({ id, type, value, facts, sources, exclusion }) => ({
    id,
    indicator: { key: { type, value }, facts, sources },
    exclusion,
  }));
}

export type ItemDecision =
  | Decision
  | { readonly kind: 'exclude'; readonly reason: ExclusionReason; readonly score: null };

/**
 * Writes decisions. What is not to be delivered is settled by that, unless the destination has it and must give it up. What was
 * decided without an answer is set aside; what was set aside for that, and has been decided now, is on the list no longer.
 */
export async function writeDecisions(
  db: LedgerDb,
  windowId: number,
  decisions: readonly { readonly id: number; readonly decision: ItemDecision }[],
  undecided: { readonly aside: readonly SetAside[]; readonly now: Date } | null = null,
): Promise<void> {
  if (decisions.length === 0) return;
  const rows = decisions.map(({ id, decision }) => ({
    id,
    decision: decision.kind,
    reason: decision.reason,
    score: decision.score,
  }));
  const aside = undecided?.aside ?? [];
  await db.transaction().execute(async (tx) => {
    const listed = await onLookUpList(
      tx,
      decisions.map(({ id }) => id),
    );
    const touched = [...new Set([...listed, ...aside.map(({ id }) => id)])];
    await lockIndicators(tx, touched);
    await sql`update batch_items bi set decision = r.decision, reason = r.reason, score = r.score
      from ${jsonRows(rows, 'id bigint, decision text, reason text, score integer')}
      where bi.window_id = ${windowId} and bi.indicator_id = r.id and bi.decision is null`.execute(tx);
    const still = new Set(aside.map(({ id }) => id));
    await takeOffList(
      tx,
      listed.filter((id) => !still.has(id)),
    );
    if (undecided !== null) await setAside(tx, aside, undecided.now);
  });
}

export interface BatchTally {
  readonly deliver: number;
  readonly hold: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly retracted: number;
  readonly pending: number;
}

export async function batchTally(db: LedgerDb, windowId: number, batch: number): Promise<BatchTally> {
  const { rows } = await sql<BatchTally>`select
      (count(*) filter (where decision = 'deliver'))::int as deliver,
      (count(*) filter (where decision <> 'deliver'))::int as hold,
      (count(*) filter (where outcome = 'confirmed'))::int as confirmed,
      (count(*) filter (where outcome = 'rejected'))::int as rejected,
      (count(*) filter (where outcome = 'retracted'))::int as retracted,
      (count(*) filter (where outcome is null))::int as pending
    from batch_items where window_id = ${windowId} and batch = ${batch}`.execute(db);
  const [tally] = rows;
  if (tally === undefined) throw new Error('A tally always has one row.');
  return tally;
}
