import { sql, type Transaction } from 'kysely';
import { jsonRows, jsonTexts } from './json-rows.ts';
import type { Database } from './schema.ts';

export interface Gathering {
  /** So many of one key are enough for a full request. */
  readonly load: number;
  /** The first of them waits no longer than this. */
  readonly forMs: number;
}

interface Where {
  readonly pipeline: string;
  readonly windowId: number;
  readonly now: Date;
}

/** Why such an indicator is on the list. */
const GATHERED = 'gathered: waits until enough indicators can share a request';

/**
 * Items of a window that are new to the destination, `waits`: and may wait there, which what has waited before may not longer than it is
 * due, and what was taken up for a reason of its own not at all. What has an id there is not new: it comes back by that, with none beside it.
 */
const newItems = ({ windowId, now }: Where) => sql`
  select bi.indicator_id, bi.sort_key, bi.score, bi.reason, s.due_at,
    bi.change <> 'consequence' and coalesce(s.due_at > ${now}::timestamptz, true) as waits
  from batch_items bi left join deliveries d on d.indicator_id = bi.indicator_id
    left join set_aside s on s.indicator_id = bi.indicator_id and s.sort_key is not null
  where bi.window_id = ${windowId} and bi.batch is null and bi.outcome is null and bi.decision = 'deliver' and bi.sort_key <> ''
    and (d.indicator_id is null
      or (d.hash is null and d.may_hold is null and d.remote_id is null and d.state <> 'pending'))`;

/** What of the pipeline is gathered, besides what the window itself has. */
const gatheredBefore = (where: Where) => sql`
  select s.indicator_id, s.sort_key, s.due_at from set_aside s join indicators i on i.id = s.indicator_id
  where i.pipeline = ${where.pipeline} and i.exclusion is null and s.sort_key is not null
    and not exists (select 1 from batch_items bi where bi.window_id = ${where.windowId} and bi.indicator_id = s.indicator_id
      and bi.outcome is null)`;

/**
 * Sets new items of a window aside of which, with what was gathered before, there are too few to fill a request, until the first of them
 * is due. Where there are enough of one key, or one of them has to go, the window takes all of that key.
 */
export async function gather(tx: Transaction<Database>, where: Where, { load, forMs }: Gathering): Promise<void> {
  const { now } = where;
  const { rows } = await sql<{
    key: string;
    waiting: number;
    going: number;
    gathered: number;
    due: Date | null;
  }>`with new_items as (${newItems(where)}), before as (${gatheredBefore(where)}), here as (
      select sort_key, (count(*) filter (where waits))::int as waiting, (count(*) filter (where not waits))::int as going,
        min(due_at) as due
      from new_items group by sort_key
    ), there as (
      select sort_key, count(*)::int as gathered, min(due_at) as due from before group by sort_key
    )
    select here.sort_key as key, waiting, going, coalesce(gathered, 0) as gathered, least(here.due, there.due) as due
    from here left join there using (sort_key)`.execute(tx);
  const wait = rows.filter(
    ({ waiting, going, gathered, due }) => going === 0 && waiting + gathered < load && (due === null || due > now),
  );
  const go = rows.filter((one) => one.gathered > 0 && !wait.includes(one));
  const dueAt = new Date(now.getTime() + forMs);
  await holdBack(
    tx,
    where,
    wait.map(({ key, due }) => ({ key, due_at: (due ?? dueAt).toISOString() })),
  );
  await takeGathered(
    tx,
    where,
    go.map(({ key }) => key),
  );
}

async function holdBack(
  tx: Transaction<Database>,
  where: Where,
  keys: readonly { readonly key: string; readonly due_at: string }[],
): Promise<void> {
  if (keys.length === 0) return;
  await sql`insert into set_aside (indicator_id, stage, reason, since, due_at, sort_key, score, decided_for)
    select n.indicator_id, 'delivery', ${GATHERED}, ${where.now}::timestamptz, r.due_at, n.sort_key, n.score, n.reason
    from (${newItems(where)}) n join ${jsonRows(keys, 'key text, due_at timestamptz')} on r.key = n.sort_key
    order by n.indicator_id
    on conflict (indicator_id) do update set stage = excluded.stage, reason = excluded.reason, due_at = excluded.due_at,
      sort_key = excluded.sort_key, score = excluded.score, decided_for = excluded.decided_for`.execute(tx);
  await sql`update batch_items bi set outcome = 'set-aside', reason = ${GATHERED}
    from (${newItems(where)}) n join ${jsonRows(keys, 'key text, due_at timestamptz')} on r.key = n.sort_key
    where bi.window_id = ${where.windowId} and bi.indicator_id = n.indicator_id`.execute(tx);
}

/** They were decided when they were gathered; what was decided otherwise since is no longer on the list. */
async function takeGathered(tx: Transaction<Database>, where: Where, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`with taken as (
      delete from set_aside s using (
        select a.indicator_id from set_aside a join (${gatheredBefore(where)}) b on b.indicator_id = a.indicator_id
        where a.sort_key in (select key from ${jsonTexts(keys, 'keys(key)')})
        order by a.indicator_id for update of a
      ) mine where s.indicator_id = mine.indicator_id
      returning s.indicator_id, s.sort_key, s.score, s.decided_for
    )
    insert into batch_items (window_id, indicator_id, change, decision, reason, score, sort_key)
    select ${where.windowId}::bigint, indicator_id, 'consequence', 'deliver', decided_for, score, sort_key from taken
    on conflict (window_id, indicator_id) do update set decision = excluded.decision, reason = excluded.reason,
      score = excluded.score, sort_key = excluded.sort_key, batch = null, shipment_id = null, hash = null, outcome = null`.execute(
    tx,
  );
}
