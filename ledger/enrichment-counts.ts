import { type Kysely, sql } from 'kysely';
import { type EnrichDone, NOTHING_DONE } from '../indicators/enrich-counts.ts';
import { jsonRows } from './json-rows.ts';
import type { Database } from './schema.ts';

/** Adds to what a pipeline has done; in the transaction that writes down that it is done, so that it is counted once however often it is tried. */
export async function countUp(db: Kysely<Database>, pipeline: string, done: Partial<EnrichDone>): Promise<void> {
  const rows = Object.entries(done)
    .filter(([, count]) => count !== 0)
    .map(([what, count]) => ({ what, count }));
  if (rows.length === 0) return;
  await sql`insert into enrichment_counts as c (pipeline, what, count)
    select ${pipeline}, r.what, r.count from ${jsonRows(rows, 'what text, count bigint')} order by r.what
    on conflict (pipeline, what) do update set count = c.count + excluded.count`.execute(db);
}

/** All that it has ever done. */
export async function doneSoFar(db: Kysely<Database>, pipeline: string): Promise<EnrichDone> {
  const { rows } = await sql<{ what: string; count: number }>`select what, count::int as count from enrichment_counts
    where pipeline = ${pipeline}`.execute(db);
  return { ...NOTHING_DONE, ...Object.fromEntries(rows.map(({ what, count }) => [what, count])) };
}
