import { sql } from 'kysely';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';

export interface Peer {
  readonly name: string;
  /** Where its coverage will begin if it has not begun yet. */
  readonly since: Date;
}

/** Who is further behind than so many windows reads by itself: what would be kept for it meanwhile is too much. */
export const MOST_BEHIND = 8;

/**
 * Which other pipelines are going to read just what this window reads: those that have the same window to do, and those whose windows end
 * where it begins, or a few windows before, so that they will be given it.
 */
export async function whoWants(db: LedgerDb, windowId: number, peers: readonly Peer[]): Promise<readonly string[]> {
  if (peers.length === 0) return [];
  const given = peers.map(({ name, since }) => ({ name, since: since.toISOString() }));
  const { rows } = await sql<{ name: string }>`select r.name
    from windows w cross join ${jsonRows(given, 'name text, since timestamptz')}
      left join pipelines p on p.name = r.name
      cross join lateral (select coalesce(p.covered_since, r.since) as begun) b
      cross join lateral (select coalesce(max(o.to_time), b.begun) as reached from windows o
        where o.pipeline = r.name and o.to_time <= w.from_time) e
    where w.id = ${windowId} and (
      exists (select 1 from windows o where o.pipeline = r.name and o.state <> 'done'
        and o.from_time = w.from_time and o.read_from = w.read_from and o.to_time >= w.to_time)
      or (greatest(b.begun, e.reached) <= w.from_time + interval '1 minute'
        and not exists (select 1 from windows o
          where o.pipeline = r.name and o.to_time > w.from_time and o.from_time < w.to_time)
        and (select count(*) from windows own where own.pipeline = w.pipeline
          and own.from_time >= e.reached and own.from_time < w.from_time) < ${MOST_BEHIND}))
    order by r.name`.execute(db);
  return rows.map(({ name }) => name);
}
