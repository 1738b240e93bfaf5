import { sql } from 'kysely';
import type { ArtifactWork, WithoutHost } from '../indicators/artifact.ts';
import { type AsideArtifact, MOST_PARTS, type Part, setArtifactsAside } from './artifacts.ts';
import { countUp } from './enrichment-counts.ts';
import type { ArtifactStanding } from './enrichment-tables.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';

/**
 * Numbers what is to be judged into parts of `size`, those of one host beside each other: what is new or changed, what was set aside and
 * is due, and all whose reputation has run out or was looked up since. With each pass all is judged once, since what is to be made of a
 * reputation may have changed: with `metOnly` just what the pass has met, as all else may not be selected any more.
 */
export async function formJudging(
  db: LedgerDb,
  pipeline: string,
  { size, metOnly, now }: { readonly size: number; readonly metOnly: boolean; readonly now: Date },
): Promise<readonly Part[]> {
  return db.transaction().execute(async (tx) => {
    await sql`update artifacts set part = null where pipeline = ${pipeline} and standing = 'due' and part is not null`.execute(
      tx,
    );
    const { rows } = await sql<Part>`with due as (
        select a.id, row_number() over (order by a.host, a.id) as place
        from artifacts a left join reputations p on p.host = a.host left join enrichments e on e.pipeline = a.pipeline
        where a.pipeline = ${pipeline} and (a.standing = 'due'
          or (a.standing = 'set-aside' and a.due_at <= ${now}::timestamptz)
          or (a.standing = 'right' and a.host is not null
            and (p.expires_at is null or p.expires_at <= ${now}::timestamptz or p.fetched_at > a.judged_at
              or (a.judged_at < e.pass_began and (a.pass = e.pass or not ${metOnly}::boolean)))))
        order by a.host, a.id limit ${size * MOST_PARTS}::int
      ), numbered as (
        update artifacts a set part = 1 + (d.place - 1) / ${size}::int, standing = 'due' from due d where a.id = d.id
        returning a.part
      )
      select part, count(*)::int as items from numbered group by part order by part`.execute(tx);
    return rows;
  });
}

export interface ArtifactToJudge {
  readonly id: number;
  readonly remoteId: string;
  readonly value: string;
  readonly host: string | null;
  readonly without: WithoutHost | null;
  readonly isOurs: boolean;
  readonly marks: readonly string[];
  readonly score: number | null;
  readonly scored: number | null;
  readonly scoreBefore: number | null;
  /** Its last judgement wanted another confidence, which was not noted as set. */
  readonly isUnset: boolean;
}

export async function artifactsToJudge(
  db: LedgerDb,
  pipeline: string,
  part: number,
): Promise<readonly ArtifactToJudge[]> {
  const { rows } =
    await sql<ArtifactToJudge>`select id, remote_id as "remoteId", value, host, without, is_ours as "isOurs", marks,
      score, scored, score_before as "scoreBefore", coalesce(work ? 'score', false) as "isUnset"
    from artifacts where pipeline = ${pipeline} and standing = 'due' and part = ${part} order by id`.execute(db);
  return rows;
}

/** With what was known of it when it was judged. */
export interface JudgedArtifact extends Pick<ArtifactToJudge, 'id' | 'host' | 'isOurs' | 'marks'> {
  readonly verdict: string;
  readonly wanted: readonly string[];
  /** Null when it is right as it is. */
  readonly work: ArtifactWork | null;
  /** The confidence of ours that is about to be set; kept with what it was before, so that it can be taken back whatever becomes of that. */
  readonly scored: number | null;
  /** Those that have the same may share a request. */
  readonly workKey: string;
}

/** Writes down what was made of a part; what has been judged meanwhile, or shown otherwise, stands. */
export async function writeJudgements(
  db: LedgerDb,
  pipeline: string,
  judged: readonly JudgedArtifact[],
  { aside, lookedUp, now }: { readonly aside: readonly AsideArtifact[]; readonly lookedUp: number; readonly now: Date },
): Promise<void> {
  const rows = judged.map(({ id, host, isOurs, marks, verdict, wanted, work, scored, workKey }) => ({
    id,
    host,
    is_ours: isOurs,
    marks,
    verdict,
    wanted,
    work,
    scored,
    work_key: workKey,
    standing: (work === null ? 'right' : 'to-write') satisfies ArtifactStanding,
  }));
  await setArtifactsAside(db, pipeline, aside);
  await db.transaction().execute(async (tx) => {
    const written =
      await sql`update artifacts a set standing = r.standing, verdict = r.verdict, wanted = r.wanted, work = r.work,
      work_key = r.work_key, scored = coalesce(r.scored, a.scored),
      score_before = case when r.scored is null then a.score_before
        when a.scored is null or a.score is distinct from a.scored then a.score else a.score_before end,
      judged_at = ${now}::timestamptz, part = null, due_at = null
    from ${jsonRows(rows, 'id bigint, host text, is_ours boolean, marks jsonb, standing text, verdict text, wanted jsonb, work jsonb, scored integer, work_key text')}
    where a.id = r.id and a.standing = 'due' and a.host is not distinct from r.host and a.is_ours = r.is_ours and a.marks = r.marks
    returning a.id`.execute(tx);
    await countUp(tx, pipeline, { judged: written.rows.length, lookedUp });
  });
}
