import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/**
 * Numbers the window's undecided items into groups of `size` that are scored together, whatever the destination makes of them. Items
 * that have a number keep it. Returns how many groups the window has.
 */
export async function formScoring(db: LedgerDb, windowId: number, size: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await sql`with base as (
        select coalesce(max(scoring), 0) as last from batch_items where window_id = ${windowId}
      ), numbered as (
        select bi.indicator_id, base.last + 1 + ((row_number() over (order by bi.indicator_id)) - 1) / ${size}::int as scoring
        from batch_items bi cross join base
        where bi.window_id = ${windowId} and bi.scoring is null and bi.decision is null and bi.outcome is null
      )
      update batch_items bi set scoring = n.scoring from numbered n
      where bi.window_id = ${windowId} and bi.indicator_id = n.indicator_id`.execute(tx);
    const { rows } = await sql<{ groups: number }>`select count(distinct scoring)::int as groups
      from batch_items where window_id = ${windowId} and scoring is not null`.execute(tx);
    return rows[0]?.groups ?? 0;
  });
}

/** The first groups after `after` that have undecided items, and how many of those. */
export async function openScoring(
  db: LedgerDb,
  windowId: number,
  after: number,
  limit: number,
): Promise<readonly { readonly scoring: number; readonly items: number }[]> {
  const { rows } = await sql<{ scoring: number; items: number }>`select scoring, count(*)::int as items from batch_items
    where window_id = ${windowId} and scoring > ${after} and decision is null and outcome is null
    group by scoring order by scoring limit ${limit}`.execute(db);
  return rows;
}
