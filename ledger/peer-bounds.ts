import { sql, type Transaction } from 'kysely';
import type { Window } from '../indicators/window.ts';
import { KEPT_FOR_MS } from './kept-answers.ts';
import type { Database } from './schema.ts';

/** Pipelines that read the same as the one that plans. */
export interface ReadingTogether {
  /** Names what they read. */
  readonly source: string;
  readonly peers: readonly string[];
}

export interface PeerBounds {
  /** Where windows of others begin and end, in order. */
  readonly all: readonly string[];
  /** Where such a one ends that was planned just now, and so is as new as can be. */
  readonly justPlanned: ReadonlySet<string>;
}

const JUST_NOW_MS = 60_000;

/**
 * Where the windows begin and end that others have to do, or have done of late: a window that is cut there is one of theirs, and is read
 * once for all. They plan one after the other from here to the end of the transaction: two that plan at the same moment see each other's
 * windows.
 */
export async function peerBounds(
  tx: Transaction<Database>,
  { source, peers }: ReadingTogether,
  span: Window,
  now: Date,
): Promise<PeerBounds> {
  await sql`select pg_advisory_xact_lock(hashtext(${`windows that read ${source}`}))`.execute(tx);
  const { rows } = await sql<{ at: Date; new: boolean }>`select b.at, bool_or(b.new) as new
    from windows w cross join lateral (values (w.from_time, false),
      (w.to_time, w.planned_at > ${new Date(now.getTime() - JUST_NOW_MS)}::timestamptz)) as b (at, new)
    where w.pipeline in (${sql.join(peers)})
      and (w.state <> 'done' or w.closed_at > ${new Date(now.getTime() - KEPT_FOR_MS)}::timestamptz)
      and b.at > ${span.from}::timestamptz and b.at < ${span.to}::timestamptz
    group by 1 order by 1`.execute(tx);
  return {
    all: rows.map(({ at }) => at.toISOString()),
    justPlanned: new Set(rows.flatMap((row) => (row.new ? [row.at.toISOString()] : []))),
  };
}
