import type { LedgerDb } from './open-ledger.ts';

/** Has a window end earlier: what it no longer covers is a gap, which a later plan fills. */
export async function cutWindow(db: LedgerDb, id: number, to: Date): Promise<void> {
  await db
    .updateTable('windows')
    .set({ to_time: to })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .where('to_time', '>', to)
    .execute();
}
