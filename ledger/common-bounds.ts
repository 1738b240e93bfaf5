import { sql, type Transaction } from 'kysely';
import type { Window } from '../indicators/window.ts';
import type { Database } from './schema.ts';
import { KEPT_FOR_MS } from './shared-reads.ts';

/** Pipelines that read the same as the one that plans. */
export interface ReadingTogether {
  /** Names what they read. */
  readonly source: string;
  readonly peers: readonly string[];
}

/**
 * Where the windows begin and end that others have to do, or have done of late, in order: a window that is cut there is one of theirs,
 * and is read once for all. They plan one after the other from here to the end of the transaction: two that plan at the same moment
 * see each other's windows.
 */
export async function commonBounds(
  tx: Transaction<Database>,
  { source, peers }: ReadingTogether,
  span: Window,
  now: Date,
): Promise<readonly string[]> {
  await sql`select pg_advisory_xact_lock(hashtext(${`windows that read ${source}`}))`.execute(tx);
  const { rows } = await sql<{ at: Date }>`select distinct b.at
    from windows w cross join lateral (values (w.from_time), (w.to_time)) as b (at)
    where w.pipeline in (${sql.join(peers)})
      and (w.state <> 'done' or w.closed_at > ${new Date(now.getTime() - KEPT_FOR_MS)}::timestamptz)
      and b.at > ${span.from}::timestamptz and b.at < ${span.to}::timestamptz
    order by 1`.execute(tx);
  return rows.map(({ at }) => at.toISOString());
}
