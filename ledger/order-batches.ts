import { sql, type Transaction } from 'kysely';
import { batchPlaces } from './batch-places.ts';
import { type Gathering, gather } from './gathered.ts';
import { jsonRows } from './json-rows.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';

/** Writes down by which key items of a window travel. */
export async function writeSortKeys(
  db: LedgerDb,
  windowId: number,
  items: readonly { readonly id: number; readonly key: string }[],
): Promise<void> {
  if (items.length === 0) return;
  await sql`update batch_items bi set sort_key = r.key from ${jsonRows(items, 'id bigint, key text')}
    where bi.window_id = ${windowId} and bi.indicator_id = r.id`.execute(db);
}

export interface Order {
  readonly pipeline: string;
  readonly windowId: number;
  /** Items of a batch at most. */
  readonly size: number;
  /** Null where nothing is held back until there is more. */
  readonly gathering: Gathering | null;
  readonly now: Date;
}

/**
 * Numbers the items of a window that are decided and not settled into batches, those of one key together: what is to be withdrawn comes
 * last. Items that have a batch keep it. What is gathered is set aside, or joins the window.
 */
export async function orderItems(db: LedgerDb, { pipeline, windowId, size, gathering, now }: Order): Promise<void> {
  await oneAtATime(db, `gathered of ${pipeline}`, async (tx) => {
    if (gathering !== null) await gather(tx, { pipeline, windowId, now }, gathering);
    await sql`delete from set_aside s using batch_items bi
      where bi.window_id = ${windowId} and bi.batch is null and bi.outcome is null and bi.decision is not null
        and s.indicator_id = bi.indicator_id and s.sort_key is not null`.execute(tx);
    const { begins, end } = batchPlaces(await groupsOf(tx, windowId), size);
    const places = [...begins].map(([key, at]) => ({ key, at }));
    await sql`with base as (
        select coalesce(max(batch), 0) as last from batches where window_id = ${windowId}
      ), numbered as (
        select bi.indicator_id, base.last + 1 + (coalesce(r.at, ${end}::int)
          + row_number() over (partition by r.key order by bi.indicator_id) - 1) / ${size}::int as batch
        from batch_items bi left join ${jsonRows(places, 'key text, at integer')}
          on bi.decision = 'deliver' and r.key = coalesce(bi.sort_key, '') cross join base
        where bi.window_id = ${windowId} and bi.batch is null and bi.outcome is null and bi.decision is not null
      )
      update batch_items bi set batch = n.batch from numbered n
      where bi.window_id = ${windowId} and bi.indicator_id = n.indicator_id`.execute(tx);
    await sql`insert into batches (window_id, batch, items)
      select window_id, batch, count(*) from batch_items where window_id = ${windowId} and batch is not null group by window_id, batch
      on conflict do nothing`.execute(tx);
  });
}

/** Of what is to be delivered and in no batch yet: how many items have each key. */
async function groupsOf(tx: Transaction<Database>, windowId: number): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{
    key: string;
    items: number;
  }>`select coalesce(sort_key, '') as key, count(*)::int as items
    from batch_items where window_id = ${windowId} and batch is null and outcome is null and decision = 'deliver'
    group by 1`.execute(tx);
  return new Map(rows.map(({ key, items }) => [key, items]));
}
