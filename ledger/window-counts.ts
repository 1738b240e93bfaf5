import { sql } from 'kysely';
import { addSliceCounts, addTallies, type Counts, NO_ROWS, type WorkCounts } from '../indicators/counts.ts';
import type { LedgerDb } from './open-ledger.ts';

/** What became of everything that a window read. */
export async function windowCounts(db: LedgerDb, windowId: number): Promise<Counts> {
  const slices = await db.selectFrom('slices').select('counts').where('window_id', '=', windowId).execute();
  const batches = await sql<{
    batches: number;
  }>`select count(*)::int as batches from batches where window_id = ${windowId}`.execute(db);
  const rows = slices.reduce((sum, slice) => addSliceCounts(sum, slice.counts), NO_ROWS);
  return { ...rows, ...(await workCounts(db, windowId)), windows: 1, batches: batches.rows[0]?.batches ?? 0 };
}

async function workCounts(db: LedgerDb, windowId: number): Promise<WorkCounts> {
  const { rows } = await sql<{ outcome: string | null; asked: boolean; reason: string | null; items: number }>`
    select outcome, change in ('new', 'changed') as asked, reason, count(*)::int as items
    from batch_items where window_id = ${windowId} group by 1, 2, 3`.execute(db);
  let counts: WorkCounts = { held: 0, confirmed: 0, rejected: 0, pending: 0, retracted: 0, heldBy: {} };
  for (const { outcome, asked, reason, items } of rows) {
    if (outcome === 'retracted') counts = { ...counts, retracted: counts.retracted + items };
    if (!asked) continue;
    const tally = { [reason ?? 'unknown']: items };
    if (outcome === 'held' || outcome === 'retracted') {
      counts = { ...counts, held: counts.held + items, heldBy: addTallies(counts.heldBy, tally) };
    } else if (outcome === 'rejected') {
      counts = { ...counts, rejected: counts.rejected + items };
    } else if (outcome === 'confirmed') {
      counts = { ...counts, confirmed: counts.confirmed + items };
    } else {
      counts = { ...counts, pending: counts.pending + items };
    }
  }
  return counts;
}
