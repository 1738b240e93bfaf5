import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** A window, and maybe a batch of it, as a run was given them. */
export interface Given {
  readonly pipeline: string;
  readonly windowId: number;
  /** Where the window begins; a run of an earlier release does not say it. */
  readonly from?: string;
  readonly batch?: number;
  /** Instead of a batch: what is scored together. */
  readonly scoring?: number;
}

/**
 * What of it the ledger does not have; null when it has all. Numbers are given again after a ledger was restored, so that a window of
 * another pipeline or another time is not the one that is meant.
 */
export async function missingOf(
  db: LedgerDb,
  {
    pipeline,
    windowId,
    from = null,
    batch = null,
    scoring = null,
  }: { readonly [key in keyof Given]: Given[key] | null },
): Promise<'window' | 'batch' | null> {
  const { rows } = await sql<{ batch: boolean }>`select (${batch}::int is null or exists (
      select 1 from batches b where b.window_id = w.id and b.batch = ${batch}::int))
      and (${scoring}::int is null or exists (
      select 1 from batch_items bi where bi.window_id = w.id and bi.scoring = ${scoring}::int)) as batch
    from windows w where w.id = ${windowId} and w.pipeline = ${pipeline}
      and from_time = coalesce(${from}::timestamptz, from_time)`.execute(db);
  const [found] = rows;
  if (found === undefined) return 'window';
  return found.batch ? null : 'batch';
}
