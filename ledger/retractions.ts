import { sql } from 'kysely';
import type { IndicatorType } from '../indicators/indicator.ts';
import type { LedgerDb } from './open-ledger.ts';
import { idList } from './slice-statements.ts';

export interface RetractableItem {
  readonly id: number;
  readonly type: IndicatorType;
  readonly value: string;
}

/**
 * Settles the items of a batch that are not to be delivered: held, where the destination does not have them or may keep
 * them (a score between `retractBelow` and the minimum). The rest is returned: the destination must give those up.
 * `busy` are on their way there with another batch.
 */
export async function settleUndelivered(
  db: LedgerDb,
  windowId: number,
  batch: number,
  retractBelow: number,
): Promise<{ readonly retract: readonly RetractableItem[]; readonly busy: number }> {
  const { rows } = await sql<RetractableItem & { state: 'confirmed' | 'pending' | 'sent' }>`
    select i.id, i.type, i.value, d.state
    from batch_items bi join indicators i on i.id = bi.indicator_id join deliveries d on d.indicator_id = i.id
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.decision <> 'deliver' and bi.outcome is null
      and d.state in ('confirmed', 'pending', 'sent')
      and (bi.decision = 'exclude' or coalesce(bi.score, 0) < ${retractBelow})
    order by i.id`.execute(db);
  await sql`update batch_items bi set outcome = 'held'
    where bi.window_id = ${windowId} and bi.batch = ${batch} and bi.decision <> 'deliver' and bi.outcome is null
      and not bi.indicator_id = any(${idList(rows.map(({ id }) => id))})`.execute(db);
  return {
    retract: rows.filter(({ state }) => state === 'confirmed').map(({ id, type, value }) => ({ id, type, value })),
    busy: rows.filter(({ state }) => state !== 'confirmed').length,
  };
}

export async function markRetracted(db: LedgerDb, windowId: number, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await db.transaction().execute(async (tx) => {
    await sql`update batch_items set outcome = 'retracted'
      where window_id = ${windowId} and indicator_id = any(${idList(ids)})`.execute(tx);
    await sql`update deliveries d set state = 'retracted', hash = null, score = bi.score, reason = bi.reason,
        changed_at = ${now}::timestamptz
      from batch_items bi
      where bi.window_id = ${windowId} and bi.indicator_id = d.indicator_id
        and d.indicator_id = any(${idList(ids)})`.execute(tx);
  });
}
