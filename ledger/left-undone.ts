import { sql, type Transaction } from 'kysely';
import type { IndicatorKey } from '../indicators/indicator.ts';
import type { Change, Database } from './schema.ts';
import { idList } from './slice-statements.ts';

/** Work of an earlier window that has not been done. */
export interface Undone {
  readonly id: number;
  readonly key: IndicatorKey;
  readonly change: Change;
  readonly from: number;
}

const idle = (window: string) =>
  sql.raw(`${window}.state <> 'done' and (${window}.state = 'failed' or ${window}.leased_until <= now())`);

/**
 * Of indicators that a window reads, those that an earlier one has read and not come to deliver: its run was cancelled, has failed, or
 * is not heard of any more. What is said of them is known, and nothing has followed from it. Not those that another window has taken
 * over since, unless that one has ended in the same way.
 */
export async function leftUndone(
  tx: Transaction<Database>,
  { pipeline, windowId }: { readonly pipeline: string; readonly windowId: number },
  known: readonly { readonly observation: { readonly key: IndicatorKey }; readonly indicatorId: number | null }[],
): Promise<readonly Undone[]> {
  const keys = new Map(
    known.flatMap((one) => (one.indicatorId === null ? [] : [[one.indicatorId, one.observation.key]])),
  );
  if (keys.size === 0) return [];
  const { rows } = await sql<{ indicator_id: number; change: Change; window_id: number }>`
    select bi.indicator_id, bi.change, bi.window_id from windows w join batch_items bi on bi.window_id = w.id
    where w.pipeline = ${pipeline} and w.id <> ${windowId} and ${idle('w')}
      and bi.indicator_id = any(${idList([...keys.keys()])}) and bi.outcome is null
      and (bi.handed_to is null or bi.handed_to = ${windowId} or exists (
        select 1 from batch_items taken join windows h on h.id = taken.window_id
        where taken.window_id = bi.handed_to and taken.indicator_id = bi.indicator_id and taken.outcome is null and ${idle('h')}))`.execute(
    tx,
  );
  return rows.flatMap(({ indicator_id: id, change, window_id: from }) => {
    const key = keys.get(id);
    return key === undefined ? [] : [{ id, key, change, from }];
  });
}

/** It is this window's work from now on; the earlier one, should it be run again, finds it settled at the destination. */
export async function takeOver(
  tx: Transaction<Database>,
  windowId: number,
  undone: ReadonlyMap<number, Undone>,
): Promise<void> {
  if (undone.size === 0) return;
  const windows = [...new Set([...undone.values()].map(({ from }) => from))];
  await sql`update batch_items set handed_to = ${windowId}
    where window_id = any(${idList(windows)}) and indicator_id = any(${idList([...undone.keys()])}) and outcome is null`.execute(
    tx,
  );
}
