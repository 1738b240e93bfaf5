import { sql, type Transaction } from 'kysely';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import { idList } from './slice-statements.ts';

export interface SetAside {
  readonly id: number;
  readonly stage: 'look-up' | 'delivery';
  /** A sentence without the indicator's value. */
  readonly reason: string;
  /** From then on a live run takes it up by itself; null: only when a person asks. */
  readonly dueAt: Date | null;
}

/** Puts indicators on the list of what was set aside; one that is on it already stays on it since it first was. */
export async function setAside(
  db: LedgerDb | Transaction<Database>,
  items: readonly SetAside[],
  now: Date,
): Promise<void> {
  if (items.length === 0) return;
  const rows = items
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, stage, reason, dueAt }) => ({ id, stage, reason, due_at: dueAt?.toISOString() ?? null }));
  await sql`insert into set_aside (indicator_id, stage, reason, since, due_at)
    select r.id, r.stage, r.reason, ${now}::timestamptz, r.due_at
    from ${jsonRows(rows, 'id bigint, stage text, reason text, due_at timestamptz')}
    on conflict (indicator_id) do update set stage = excluded.stage, reason = excluded.reason, due_at = excluded.due_at`.execute(
    db,
  );
}

/** Those of the indicators that are on the list because of their look-up. */
export async function onLookUpList(tx: Transaction<Database>, ids: readonly number[]): Promise<readonly number[]> {
  const { rows } = await sql<{ indicator_id: number }>`select indicator_id from set_aside
    where indicator_id = any(${idList(ids)}) and stage = 'look-up'`.execute(tx);
  return rows.map((row) => row.indicator_id);
}

/** Takes indicators off the list whose look-up was on it. */
export async function takeOffList(tx: Transaction<Database>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from set_aside s using (
      select indicator_id from set_aside where indicator_id = any(${idList(ids)}) and stage = 'look-up'
      order by indicator_id for update
    ) mine where s.indicator_id = mine.indicator_id`.execute(tx);
}

/** Taken up by one window at most: far more than are set aside, unless an API is away, and then one window must not carry it all. */
const MOST = 10_000;

/**
 * Gives a live window what was set aside and is due: as a consequence, which no row of the window asks for, or to decide anew when it
 * was this window that set it aside. A window that is run again has them still; a backfill takes none. Where nothing is gathered any more,
 * what was is due.
 */
export async function takeUpSetAside(db: LedgerDb, windowId: number, now: Date, gathers = true): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ indicator_id: number }>`delete from set_aside s using (
        select d.indicator_id from windows w join indicators i on i.pipeline = w.pipeline
          join set_aside d on d.indicator_id = i.id
        where w.id = ${windowId} and w.kind = 'live'
          and (d.due_at <= ${now}::timestamptz or (d.sort_key is not null and not ${gathers}::boolean))
          -- What is gathered and has changed is the window's own work already.
          and (d.sort_key is null or not exists (select 1 from batch_items bi
            where bi.window_id = w.id and bi.indicator_id = d.indicator_id and bi.outcome is null))
        order by d.indicator_id limit ${MOST} for update of d
      ) due where s.indicator_id = due.indicator_id returning s.indicator_id`.execute(tx);
    if (rows.length === 0) return;
    await sql`insert into batch_items (window_id, indicator_id, change)
      select ${windowId}::bigint, i.id, 'consequence' from indicators i
      where i.id = any(${idList(rows.map(({ indicator_id }) => indicator_id))})
      on conflict (window_id, indicator_id) do update
        set scoring = null, batch = null, sort_key = null, decision = null, reason = null, score = null, shipment_id = null, hash = null, held = null, outcome = null
        where batch_items.outcome is not null`.execute(tx);
  });
}
