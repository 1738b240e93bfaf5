import { sql } from 'kysely';
import { addSliceCounts, addTallies, type Counts, NO_ROWS, type WorkCounts } from '../indicators/counts.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Change, Outcome } from './schema.ts';

/** What became of everything that a window read. */
export async function windowCounts(db: LedgerDb, windowId: number): Promise<Counts> {
  const slices = await db.selectFrom('slices').select('counts').where('window_id', '=', windowId).execute();
  const numbers = await sql<{ batches: number; unread: number }>`select
    (select count(*) from batches where window_id = ${windowId})::int as batches,
    (select count(*) from unread_slices where window_id = ${windowId} and due_at is not null)::int as unread`.execute(
    db,
  );
  const rows = slices.reduce((sum, slice) => addSliceCounts(sum, slice.counts), NO_ROWS);
  return {
    ...rows,
    ...(await workCounts(db, windowId)),
    windows: 1,
    batches: numbers.rows[0]?.batches ?? 0,
    unread: numbers.rows[0]?.unread ?? 0,
  };
}

async function workCounts(db: LedgerDb, windowId: number): Promise<WorkCounts> {
  const { rows } = await sql<{ outcome: Outcome | null; change: Change; reason: string | null; items: number }>`
    select outcome, change, reason, count(*)::int as items
    from batch_items where window_id = ${windowId} group by 1, 2, 3`.execute(db);
  const asked = rows.filter(({ change }) => change === 'new' || change === 'changed');
  const besides = rows.filter(({ change }) => change === 'consequence');
  const total = (of: typeof rows, ...outcomes: (Outcome | null)[]): number =>
    of.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { items }) => sum + items, 0);
  const held = asked.filter(({ outcome }) => outcome === 'held' || outcome === 'retracted');
  return {
    held: total(held, 'held', 'retracted'),
    confirmed: total(asked, 'confirmed'),
    rejected: total(asked, 'rejected'),
    pending: total(asked, null, 'set-aside'),
    setAside: total(asked, 'set-aside'),
    retracted: total(rows, 'retracted'),
    heldBy: held.map(({ reason, items }) => ({ [reason ?? 'unknown']: items })).reduce(addTallies, {}),
    besides: besides.map(({ outcome, items }) => ({ [outcome ?? 'pending']: items })).reduce(addTallies, {}),
  };
}
