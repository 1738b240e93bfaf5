import { type RawBuilder, sql, type Transaction } from 'kysely';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';
import { idList, lockIndicators } from './slice-statements.ts';

/** The same value in another pipeline that delivers to the same organisation. */
function sameElsewhere(sharing: readonly string[]): RawBuilder<unknown> {
  return sql`indicators si join indicators so on so.value = si.value and so.type = si.type
    and so.pipeline in (select jsonb_array_elements_text(${JSON.stringify(sharing)}::jsonb))`;
}

/** Whether another of these pipelines has the value of an indicator in a delivery `o` of this kind. */
export function elsewhere(
  indicatorId: RawBuilder<unknown>,
  sharing: readonly string[],
  kind: RawBuilder<unknown>,
): RawBuilder<boolean> {
  if (sharing.length === 0) return sql<boolean>`false`;
  return sql<boolean>`exists (select 1 from ${sameElsewhere(sharing)} join deliveries o on o.indicator_id = so.id
    where si.id = ${indicatorId} and (${kind}))`;
}

/** Locks these indicators, and the same values of the other pipelines: they are decided about one after the other. */
export async function lockShared(
  tx: Transaction<Database>,
  ids: readonly number[],
  sharing: readonly string[],
): Promise<void> {
  if (sharing.length === 0 || ids.length === 0) return lockIndicators(tx, ids);
  const { rows } = await sql<{ id: number }>`select so.id from ${sameElsewhere(sharing)}
    where si.id = any(${idList(ids)})`.execute(tx);
  await lockIndicators(tx, [...ids, ...rows.map(({ id }) => id)]);
}

/**
 * Confirms what another pipeline has delivered to the same organisation in just this form, and nobody has changed since: it is not sent
 * again. Returns the indicators.
 */
export async function adoptFromOthers(
  db: LedgerDb,
  windowId: number,
  items: readonly { readonly id: number; readonly hash: string }[],
  sharing: readonly string[],
  now: Date,
): Promise<ReadonlySet<number>> {
  if (items.length === 0 || sharing.length === 0) return new Set();
  const ids = items.map(({ id }) => id);
  return db.transaction().execute(async (tx) => {
    await lockShared(tx, ids, sharing);
    const { rows } = await sql<{ indicator_id: number }>`
      insert into deliveries (indicator_id, state, hash, held, remote_id, awaits, score, reason, changed_at)
      select r.id, 'confirmed', r.hash, newest.held, newest.remote_id, newest.awaits, bi.score, bi.reason, ${now}::timestamptz
      from ${jsonRows(items, 'id bigint, hash text')}
        join batch_items bi on bi.window_id = ${windowId} and bi.indicator_id = r.id
        join indicators i on i.id = r.id and i.exclusion is null
        left join deliveries d on d.indicator_id = r.id
        cross join lateral (select o.hash, o.held, o.remote_id, o.awaits, o.state, o.changed_at
          from ${sameElsewhere(sharing)} join deliveries o on o.indicator_id = so.id
          where si.id = r.id and (o.hash is not null or o.state = 'pending')
          order by o.state = 'pending' desc, o.changed_at desc limit 1) as newest
      where newest.state = 'confirmed' and newest.hash = r.hash
        and (d.hash is null or d.changed_at <= newest.changed_at)
      on conflict (indicator_id) do update set state = 'confirmed', hash = excluded.hash, may_hold = null,
        held = excluded.held, asked = null, refused = null, awaits = excluded.awaits,
        remote_id = coalesce(excluded.remote_id, deliveries.remote_id), shipment_id = null, score = excluded.score, reason = excluded.reason, changed_at = excluded.changed_at
        where deliveries.state <> 'pending'
      returning indicator_id`.execute(tx);
    const adopted = new Set(rows.map((row) => row.indicator_id));
    await sql`update batch_items bi set outcome = 'confirmed', hash = r.hash
      from ${jsonRows(
        items.filter(({ id }) => adopted.has(id)),
        'id bigint, hash text',
      )}
      where bi.window_id = ${windowId} and bi.indicator_id = r.id`.execute(tx);
    return adopted;
  });
}
