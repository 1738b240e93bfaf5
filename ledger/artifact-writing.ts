import { sql } from 'kysely';
import type { ArtifactWork } from '../indicators/artifact.ts';
import { MOST_PARTS, type Part } from './artifacts.ts';
import { countUp } from './enrichment-counts.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';

export interface PartToWrite extends Part {
  /** How many of them have something besides their marks to be written. */
  readonly besides: number;
}

/** Numbers what is to be written into parts of `size`, so that what can share a request does. */
export async function formWriting(db: LedgerDb, pipeline: string, size: number): Promise<readonly PartToWrite[]> {
  return db.transaction().execute(async (tx) => {
    await sql`update artifacts set part = null where pipeline = ${pipeline} and standing = 'to-write' and part is not null`.execute(
      tx,
    );
    const { rows } = await sql<PartToWrite>`with open as (
        select id, row_number() over (order by work_key, id) as place
        from artifacts where pipeline = ${pipeline} and standing = 'to-write' order by work_key, id limit ${size * MOST_PARTS}::int
      ), numbered as (
        update artifacts a set part = 1 + (o.place - 1) / ${size}::int from open o where a.id = o.id returning a.part, a.work
      )
      select part, count(*)::int as items, (count(*) filter (where work ? 'comment' or work ? 'score'))::int as besides
      from numbered group by part order by part`.execute(tx);
    return rows;
  });
}

export interface ArtifactToWrite {
  readonly id: number;
  readonly remoteId: string;
  readonly value: string;
  readonly isOurs: boolean;
  readonly verdict: string;
  readonly work: ArtifactWork;
  readonly workKey: string;
  /** The confidence that it shows. */
  readonly score: number | null;
}

export async function artifactsToWrite(
  db: LedgerDb,
  pipeline: string,
  part: number,
): Promise<readonly ArtifactToWrite[]> {
  const { rows } =
    await sql<ArtifactToWrite>`select id, remote_id as "remoteId", value, is_ours as "isOurs", verdict, work,
      work_key as "workKey", score
    from artifacts where pipeline = ${pipeline} and standing = 'to-write' and part = ${part} order by work_key, id`.execute(
      db,
    );
  return rows;
}

export type WorkDone = 'remark' | 'comment' | 'score';

/** As they are counted. */
const DONE = {
  remark: { add: 'marked', none: 'cleared' },
  comment: { add: 'commented', none: 'commented' },
  score: { add: 'rescored', none: 'rescored' },
} as const;

/**
 * A part of their work is done, unless other work has been found for them meanwhile: one whose marks were changed has yet to show that, another one is
 * right once nothing is left. A confidence counts as shown until the TIP shows another one. Not counted is what was found done.
 */
export async function noteWritten(
  db: LedgerDb,
  pipeline: string,
  artifacts: readonly Pick<ArtifactToWrite, 'id' | 'work'>[],
  done: WorkDone,
  { now, isCounted = true }: { readonly now: Date; readonly isCounted?: boolean },
): Promise<void> {
  if (artifacts.length === 0) return;
  const items = artifacts.map(({ id, work }) => ({ id, said: work[done] }));
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ adds: boolean }>`update artifacts a set
        work = nullif(a.work - ${done}::text, '{}'::jsonb),
        written_at = case when ${done}::text = 'remark' then ${now}::timestamptz else a.written_at end,
        score = case when ${done}::text = 'score' then (a.work ->> 'score')::int else a.score end,
        standing = case when a.work - ${done}::text <> '{}'::jsonb then 'to-write'
          when a.marks <> a.wanted then 'written' else 'right' end
      from ${jsonRows(items, 'id bigint, said jsonb')}
      where a.id = r.id and a.standing = 'to-write' and a.work -> ${done}::text = r.said
      returning jsonb_array_length(a.wanted) > 0 as adds`.execute(tx);
    if (!isCounted) return;
    const adds = rows.filter((row) => row.adds).length;
    if (DONE[done].add === DONE[done].none) await countUp(tx, pipeline, { [DONE[done].add]: rows.length });
    else await countUp(tx, pipeline, { [DONE[done].add]: adds, [DONE[done].none]: rows.length - adds });
  });
}

export interface UnshownArtifact {
  readonly id: number;
  readonly remoteId: string;
  readonly value: string;
  readonly isOurs: boolean;
  readonly wanted: readonly string[];
  readonly writtenAt: Date;
  readonly tries: number;
}

/** What was written and has not been seen since, after an id. */
export async function unshownArtifacts(
  db: LedgerDb,
  pipeline: string,
  limit: number,
  after: number,
): Promise<readonly UnshownArtifact[]> {
  const { rows } = await sql<UnshownArtifact>`select id, remote_id as "remoteId", value, is_ours as "isOurs", wanted,
      written_at as "writtenAt", tries
    from artifacts where pipeline = ${pipeline} and standing = 'written' and id > ${after} order by id limit ${limit}::int`.execute(
    db,
  );
  return rows;
}

/** It was written, and does not show it: it is judged and written once more. */
export async function writeAgain(db: LedgerDb, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = ids.map((id) => ({ id }));
  await sql`update artifacts a set standing = 'due', tries = a.tries + 1 from ${jsonRows(rows, 'id bigint')}
    where a.id = r.id and a.standing = 'written'`.execute(db);
}
