import { sql, type Transaction } from 'kysely';
import { jsonRows } from './json-rows.ts';
import type { Change, Database } from './schema.ts';
import { setAside } from './set-aside.ts';
import { idList } from './slice-statements.ts';

const ON_ITS_WAY = 'it changed while it was on its way as it was before';

/**
 * Gives a window work; what was set aside is at work again with it. Returns those that the window did not have yet. A window that is
 * run again may read more of what it has settled already, which is then decided anew; what of that is on its way is left to the next
 * live run.
 */
export async function addBatchItems(
  tx: Transaction<Database>,
  windowId: number,
  items: readonly { readonly id: number; readonly change: Change }[],
  now: Date,
): Promise<ReadonlySet<number>> {
  if (items.length === 0) return new Set();
  // What is gathered stays on the list until it is delivered: it does not wait longer for having changed.
  await sql`delete from set_aside
    where indicator_id = any(${idList(items.map(({ id }) => id))}) and sort_key is null`.execute(tx);
  const { rows } = await sql<{ indicator_id: number }>`insert into batch_items (window_id, indicator_id, change)
    select ${windowId}::bigint, r.id, r.change from ${jsonRows(items, 'id bigint, change text')}
    on conflict do nothing returning indicator_id`.execute(tx);
  const added = new Set(rows.map((row) => row.indicator_id));
  const known = items.flatMap(({ id }) => (added.has(id) ? [] : [id]));
  if (known.length > 0) await decideAnew(tx, windowId, known, now);
  return added;
}

async function decideAnew(
  tx: Transaction<Database>,
  windowId: number,
  ids: readonly number[],
  now: Date,
): Promise<void> {
  await sql`update batch_items
    set scoring = null, batch = null, sort_key = null, decision = null, reason = null, score = null, shipment_id = null, hash = null, held = null, outcome = null
    where window_id = ${windowId} and indicator_id = any(${idList(ids)}) and outcome is not null`.execute(tx);
  const { rows } = await sql<{ indicator_id: number }>`select indicator_id from batch_items
    where window_id = ${windowId} and indicator_id = any(${idList(ids)}) and shipment_id is not null`.execute(tx);
  await setAside(
    tx,
    rows.map(({ indicator_id: id }) => ({ id, stage: 'delivery' as const, reason: ON_ITS_WAY, dueAt: now })),
    now,
  );
}
