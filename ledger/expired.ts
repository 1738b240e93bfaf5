import { sql, type Transaction } from 'kysely';
import { addBatchItems } from './add-batch-items.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import { idList, lockIndicators } from './slice-statements.ts';

/** Marked by one window at most: the others are left to the next one. */
const MOST = 10_000;

/** Of an indicator `i`: its end has come, and nobody has said so yet. The texts of ends are in the order of the times. */
const isOver = (now: Date) => sql`i.exclusion is null and i.facts->>'validUntil' is not null
  and (i.facts->>'validUntil') collate "C" <= ${now.toISOString()}`;

/** Of a delivery `d`: the destination does not have it, nor may it. */
const NOT_THERE = sql`d.hash is null and d.may_hold is null and d.state is distinct from 'pending'`;

/**
 * Excludes indicators of a pipeline whose end has come without a row that says so, and gives a live window those of them that the
 * destination holds, or may hold, to be withdrawn. What is on its way there is left to a later one; a backfill takes none.
 */
export async function takeUpExpired(
  db: LedgerDb,
  { windowId, now, most = MOST }: { readonly windowId: number; readonly now: Date; readonly most?: number },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const over = await overNow(tx, windowId, now, most);
    if (over.length === 0) return;
    // What a row has said of them meanwhile, and what has left for the destination, counts.
    await lockIndicators(tx, over);
    const { rows } = await sql<{ id: number; delivered: boolean | null }>`
      update indicators i set exclusion = 'expired', exclusion_entry = null
      from indicators same left join deliveries d on d.indicator_id = same.id
      where i.id = any(${idList(over)}) and same.id = i.id and ${isOver(now)} and d.state is distinct from 'pending'
      returning i.id, d.hash is not null or d.may_hold is not null as delivered`.execute(tx);
    const items = rows.flatMap(({ id, delivered }) => (delivered === true ? [{ id, change: 'ended' as const }] : []));
    await addBatchItems(tx, windowId, items, now);
  });
}

/**
 * Of what a live window's pipeline has set aside, and the destination does not hold: what has come to its end is not brought any more when
 * its turn comes. What was gathered, and is excluded for whatever reason, is gathered no more.
 */
export async function forgetEnded(db: LedgerDb, windowId: number, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`select i.id
      from windows w join indicators i on i.pipeline = w.pipeline join set_aside s on s.indicator_id = i.id
        left join deliveries d on d.indicator_id = i.id
      where w.id = ${windowId} and w.kind = 'live' and ${NOT_THERE}
        and ((s.sort_key is not null and i.exclusion is not null)
          or ((s.sort_key is not null or s.due_at <= ${now}::timestamptz) and ${isOver(now)}))`.execute(tx);
    if (rows.length === 0) return;
    const ids = idList(rows.map(({ id }) => id));
    await lockIndicators(
      tx,
      rows.map(({ id }) => id),
    );
    await sql`update indicators i set exclusion = 'expired', exclusion_entry = null
      from indicators same left join deliveries d on d.indicator_id = same.id
      where i.id = any(${ids}) and same.id = i.id and ${isOver(now)} and ${NOT_THERE}`.execute(tx);
    await sql`delete from set_aside s using indicators i left join deliveries d on d.indicator_id = i.id
      where s.indicator_id = any(${ids}) and i.id = s.indicator_id and i.exclusion is not null and ${NOT_THERE}`.execute(
      tx,
    );
  });
}

async function overNow(
  tx: Transaction<Database>,
  windowId: number,
  now: Date,
  most: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{
    id: number;
  }>`select i.id from indicators i left join deliveries d on d.indicator_id = i.id
    where i.pipeline = (select pipeline from windows where id = ${windowId} and kind = 'live') and ${isOver(now)}
      and d.state is distinct from 'pending'
    order by (i.facts->>'validUntil') collate "C" limit ${most}::int`.execute(tx);
  return rows.map(({ id }) => id);
}
