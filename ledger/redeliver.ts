import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

export interface RedeliverRequest {
  readonly pipeline: string;
  /** What the destination has rejected. */
  readonly rejected: boolean;
  /** What was set aside. */
  readonly setAside: boolean;
  /** Only what this window decided; null for all. */
  readonly windowId: number | null;
  readonly now: Date;
}

export interface Redelivered {
  readonly rejected: number;
  readonly setAside: number;
}

/**
 * Makes what was rejected or set aside due: the next live window takes it up. What has ended meanwhile and is not at the destination is
 * left as it is. What a person at the destination has rejected is brought again,
 * too. Said twice, it is done once, and says the same.
 */
export async function redeliver(db: LedgerDb, request: RedeliverRequest): Promise<Redelivered> {
  const { pipeline, rejected, setAside, windowId, now } = request;
  const ofWindow =
    windowId === null
      ? sql`true`
      : sql`exists (select 1 from batch_items bi where bi.window_id = ${windowId} and bi.indicator_id = i.id
          and bi.outcome in ('rejected', 'set-aside'))`;
  const { rows } = await sql<{ was: 'rejected' | 'set-aside'; items: number }>`with due as (
      select i.id, coalesce(s.stage, 'delivery') as stage, coalesce(s.reason, d.reason, 'rejected') as reason,
        case when d.state = 'rejected' then 'rejected' else 'set-aside' end as was
      from indicators i left join deliveries d on d.indicator_id = i.id left join set_aside s on s.indicator_id = i.id
      where i.pipeline = ${pipeline} and (d.state = 'rejected' or s.indicator_id is not null)
        and (i.exclusion is null or d.hash is not null or d.may_hold is not null)
        and case when d.state = 'rejected' then ${rejected}::boolean else ${setAside}::boolean end
        and ${ofWindow}
      order by i.id
    ), made as (
      insert into set_aside (indicator_id, stage, reason, since, due_at)
      select id, stage, reason, ${now}::timestamptz, ${now}::timestamptz from due
      on conflict (indicator_id) do update set due_at = excluded.due_at
    ), allowed as (
      update deliveries d set refused = null from due where d.indicator_id = due.id and d.refused is not null
    )
    select was, count(*)::int as items from due group by was`.execute(db);
  const of = (what: 'rejected' | 'set-aside'): number => rows.find(({ was }) => was === what)?.items ?? 0;
  return { rejected: of('rejected'), setAside: of('set-aside') };
}

/** The window of a pipeline that an instant is in; null when there is none. */
export async function windowAt(db: LedgerDb, pipeline: string, instant: string): Promise<number | null> {
  const row = await db
    .selectFrom('windows')
    .select('id')
    .where('pipeline', '=', pipeline)
    .where('from_time', '<=', new Date(instant))
    .where('to_time', '>', new Date(instant))
    .executeTakeFirst();
  return row?.id ?? null;
}
