import { sql } from 'kysely';
import { countUp } from './enrichment-counts.ts';
import { jsonTexts } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';

/** How far a pipeline has read what it enriches. */
export interface ReadingPlace {
  /** The number of the pass over all that is selected. */
  readonly pass: number;
  /** Null for the beginning. */
  readonly position: string | null;
  /** All has been read in this pass, and what is read on from here is what has changed. */
  readonly isThrough: boolean;
  readonly began: Date;
}

/**
 * Where reading goes on. It begins anew when something else is selected or to be made of it, and when the last pass that got through began so long ago.
 */
export async function readingPlace(
  db: LedgerDb,
  pipeline: string,
  { selection, everyPassMs, now }: { readonly selection: string; readonly everyPassMs: number; readonly now: Date },
): Promise<ReadingPlace> {
  const before = new Date(now.getTime() - everyPassMs);
  const { rows } = await sql<{
    pass: number;
    position: string | null;
    through: boolean;
    began: Date;
  }>`insert into enrichments as e
      (pipeline, selection, pass, pass_began) values (${pipeline}, ${selection}, 1, ${now}::timestamptz)
    on conflict (pipeline) do update set
      selection = excluded.selection,
      pass = e.pass + case when ${isOver(selection, before)} then 1 else 0 end,
      pass_began = case when ${isOver(selection, before)} then excluded.pass_began else e.pass_began end,
      pass_ended = case when ${isOver(selection, before)} then null else e.pass_ended end,
      position = case when ${isOver(selection, before)} then null else e.position end
    returning pass, position, pass_ended is not null as through, pass_began as began`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('An upsert returns its row.');
  return { pass: row.pass, position: row.position, isThrough: row.through, began: row.began };
}

function isOver(selection: string, before: Date) {
  return sql`(e.selection <> ${selection} or (e.pass_ended is not null and e.pass_began <= ${before}::timestamptz))`;
}

/**
 * Everything was read that had changed until now. The end of a pass also tells what is there no more, or not selected any more: it is
 * forgotten, unless not all of it can have been met. Returns how many.
 */
export async function endReading(
  db: LedgerDb,
  pipeline: string,
  pass: number,
  { forgets, now }: { readonly forgets: boolean; readonly now: Date },
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ first: boolean }>`update enrichments e set read_at = ${now}::timestamptz,
        pass_ended = coalesce(e.pass_ended, ${now}::timestamptz)
      from (select pass_ended from enrichments where pipeline = ${pipeline} and pass = ${pass} for update) as was
      where e.pipeline = ${pipeline} and e.pass = ${pass}
      returning was.pass_ended is null as first`.execute(tx);
    if (rows[0]?.first !== true || !forgets) return 0;
    const gone = await sql<{
      id: number;
    }>`delete from artifacts where pipeline = ${pipeline} and pass < ${pass} returning id`.execute(tx);
    await countUp(tx, pipeline, { gone: gone.rows.length });
    return gone.rows.length;
  });
}

/** How far the passes of a pipeline are; times as ISO 8601. */
export interface Passes {
  /** The number of the one that is under way, or was last. */
  readonly pass: number;
  readonly began: string;
  /** Null while it is under way. */
  readonly ended: string | null;
  /** All was read that had changed until then. */
  readonly readAt: string | null;
}

/** Null before the first. */
export async function passesOf(db: LedgerDb, pipeline: string): Promise<Passes | null> {
  const row = await db
    .selectFrom('enrichments')
    .select(['pass', 'pass_began', 'pass_ended', 'read_at'])
    .where('pipeline', '=', pipeline)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    pass: row.pass,
    began: row.pass_began.toISOString(),
    ended: row.pass_ended?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
  };
}

/** Of hosts, those that were not looked for since. */
export async function unsearchedHosts(
  db: LedgerDb,
  pipeline: string,
  hosts: readonly string[],
  since: Date,
): Promise<readonly string[]> {
  const { rows } = await sql<{ host: string }>`select h.host
    from ${jsonTexts(hosts, 'h(host)')}
    left join searched_hosts s on s.pipeline = ${pipeline} and s.host = h.host and s.searched_at > ${since}::timestamptz
    where s.host is null`.execute(db);
  return rows.map(({ host }) => host);
}

/** What was searched for before then is searched for again anyhow. */
export async function forgetSearched(db: LedgerDb, pipeline: string, before: Date): Promise<void> {
  await db.deleteFrom('searched_hosts').where('pipeline', '=', pipeline).where('searched_at', '<=', before).execute();
}

export async function noteSearched(db: LedgerDb, pipeline: string, hosts: readonly string[], now: Date): Promise<void> {
  await sql`insert into searched_hosts (pipeline, host, searched_at)
    select ${pipeline}, h.host, ${now}::timestamptz from ${jsonTexts(hosts, 'h(host)')}
    on conflict (pipeline, host) do update set searched_at = excluded.searched_at`.execute(db);
}
