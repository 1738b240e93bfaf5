import { type Kysely, sql } from 'kysely';
import type { ArtifactType, WithoutHost } from '../indicators/artifact.ts';
import type { EnrichDone, EnrichStanding } from '../indicators/enrich-counts.ts';
import { countUp } from './enrichment-counts.ts';
import type { ArtifactStanding } from './enrichment-tables.ts';
import { jsonRows, jsonTexts } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';

/** An artifact as its TIP has shown it. */
export interface ShownArtifact {
  readonly remoteId: string;
  readonly type: ArtifactType;
  readonly value: string;
  readonly host: string | null;
  readonly without: WithoutHost | null;
  /** Why it is excluded. */
  readonly reason: string | null;
  readonly isOurs: boolean;
  readonly marks: readonly string[];
  readonly score: number | null;
}

/** What is known of it. */
export interface KnownArtifact extends Pick<ShownArtifact, 'host' | 'without' | 'value' | 'type' | 'isOurs' | 'marks'> {
  readonly standing: ArtifactStanding;
  readonly wanted: readonly string[] | null;
}

/** How an artifact stands that is met. */
export interface Met {
  readonly standing: ArtifactStanding;
  /** `seen`: it shows now what was written. */
  readonly news: 'new' | 'changed' | 'seen' | null;
}

/**
 * Writes down a page, with how each stands now as `meet` says, and where to read on. Returns how each was met, in the order of the page; what is
 * known of them stays as it is meanwhile.
 */
export async function putArtifacts(
  db: LedgerDb,
  pipeline: string,
  {
    pass,
    position,
    shown,
    delivered = [],
    meet,
    done,
  }: {
    readonly pass: number;
    /** Absent where what was read says nothing of where to read on. */
    readonly position?: string | null;
    /** Each once. */
    readonly shown: readonly ShownArtifact[];
    /** Ids of what has been brought by this product, and is that of a pipeline that delivers from now on. */
    readonly delivered?: readonly string[];
    readonly meet: (known: KnownArtifact | undefined, shown: ShownArtifact) => Met;
    /** What is counted besides how they were met. */
    readonly done: Partial<EnrichDone>;
  },
): Promise<readonly Met[]> {
  return db.transaction().execute(async (tx) => {
    const known = await knownArtifacts(
      tx,
      pipeline,
      shown.map(({ remoteId }) => remoteId),
    );
    if (delivered.length > 0) {
      await sql`delete from artifacts a using ${jsonTexts(delivered, 'r(remote_id)')}
        where a.pipeline = ${pipeline} and a.remote_id = r.remote_id`.execute(tx);
    }
    const met = shown.map((one) => meet(known.get(one.remoteId), one));
    await upsert(
      tx,
      pipeline,
      pass,
      shown.map((one, at) => Object.assign({}, one, { standing: met[at]?.standing ?? 'due' })),
    );
    const of = (news: Met['news']): number => met.filter((one) => one.news === news).length;
    await countUp(tx, pipeline, { new: of('new'), changed: of('changed'), confirmed: of('seen'), ...done });
    if (position !== undefined)
      await sql`update enrichments set position = ${position} where pipeline = ${pipeline} and pass = ${pass}`.execute(
        tx,
      );
    return met;
  });
}

async function knownArtifacts(
  tx: Kysely<Database>,
  pipeline: string,
  remoteIds: readonly string[],
): Promise<ReadonlyMap<string, KnownArtifact>> {
  if (remoteIds.length === 0) return new Map();
  const { rows } = await sql<
    KnownArtifact & { remoteId: string }
  >`select a.remote_id as "remoteId", a.type, a.value, a.host,
      a.without, a.is_ours as "isOurs", a.marks, a.standing, a.wanted
    from ${jsonTexts(remoteIds, 'r(remote_id)')}
    join artifacts a on a.pipeline = ${pipeline} and a.remote_id = r.remote_id
    order by a.id for update of a`.execute(tx);
  return new Map(rows.map(({ remoteId, ...known }) => [remoteId, known]));
}

async function upsert(
  tx: Kysely<Database>,
  pipeline: string,
  pass: number,
  met: readonly (ShownArtifact & Pick<Met, 'standing'>)[],
): Promise<void> {
  if (met.length === 0) return;
  const rows = met.map((one) => ({
    remote_id: one.remoteId,
    type: one.type,
    value: one.value,
    host: one.host,
    without: one.without,
    reason: one.reason,
    is_ours: one.isOurs,
    marks: one.marks,
    score: one.score,
    standing: one.standing,
  }));
  await sql`insert into artifacts as a (pipeline, remote_id, type, value, host, without, reason, is_ours, marks, score, standing, pass)
    select ${pipeline}, r.remote_id, r.type, r.value, r.host, r.without, r.reason, r.is_ours, r.marks, r.score, r.standing, ${pass}::int
    from ${jsonRows(rows, 'remote_id text, type text, value text, host text, without text, reason text, is_ours boolean, marks jsonb, score integer, standing text')}
    order by r.remote_id
    on conflict (pipeline, remote_id) do update set type = excluded.type, value = excluded.value, host = excluded.host,
      without = excluded.without, is_ours = excluded.is_ours, marks = excluded.marks, score = excluded.score,
      standing = excluded.standing, pass = greatest(a.pass, excluded.pass),
      reason = case when excluded.standing = 'set-aside' then a.reason else excluded.reason end,
      tries = case when excluded.standing = 'right' then 0 else a.tries end`.execute(tx);
}

/** They are there no more. */
export async function forgetArtifacts(db: LedgerDb, pipeline: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await db.transaction().execute(async (tx) => {
    const { length: gone } = await tx
      .deleteFrom('artifacts')
      .where('id', 'in', [...ids])
      .returning('id')
      .execute();
    await countUp(tx, pipeline, { gone });
  });
}

export interface AsideArtifact {
  readonly id: number;
  /** A sentence without the value. */
  readonly reason: string;
  readonly dueAt: Date;
}

export async function setArtifactsAside(
  db: LedgerDb,
  pipeline: string,
  aside: readonly AsideArtifact[],
): Promise<void> {
  if (aside.length === 0) return;
  const items = aside.map(({ id, reason, dueAt }) => ({ id, reason, due_at: dueAt }));
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql`update artifacts a set standing = 'set-aside', reason = r.reason, due_at = r.due_at,
        work = null, tries = 0
      from ${jsonRows(items, 'id bigint, reason text, due_at timestamptz')} where a.id = r.id and a.standing <> 'set-aside'
      returning a.id`.execute(tx);
    await countUp(tx, pipeline, { setAside: rows.length });
  });
}

/** Of one round at most: far below what a history can hold. */
export const MOST_PARTS = 400;

/** A part of what there is to do, by its number. */
export interface Part {
  readonly part: number;
  readonly items: number;
}

/** How all that a pipeline knows stands. */
export async function artifactStanding(db: LedgerDb, pipeline: string): Promise<EnrichStanding> {
  const { rows } = await sql<EnrichStanding>`select count(*)::int as artifacts,
      (count(*) filter (where standing = 'right' and without is null))::int as right,
      (count(*) filter (where standing = 'right' and without = 'hash'))::int as hashes,
      (count(*) filter (where standing = 'right' and without = 'no-host'))::int as "noHost",
      (count(*) filter (where standing = 'right' and without = 'excluded'))::int as excluded,
      (count(*) filter (where standing = 'set-aside'))::int as aside,
      (count(*) filter (where standing not in ('right', 'set-aside')))::int as pending,
      (count(distinct host))::int as hosts
    from artifacts where pipeline = ${pipeline}`.execute(db);
  const [standing] = rows;
  if (standing === undefined) throw new Error('A count has a row.');
  return standing;
}

/** What is set aside, by reason, the most frequent first. */
export async function artifactsAside(
  db: LedgerDb,
  pipeline: string,
): Promise<readonly { readonly reason: string; readonly artifacts: number; readonly due: Date | null }[]> {
  const { rows } = await sql<{
    reason: string;
    artifacts: number;
    due: Date | null;
  }>`select reason, count(*)::int as artifacts,
      min(due_at) as due
    from artifacts where pipeline = ${pipeline} and standing = 'set-aside' group by 1 order by 2 desc, 1 limit 20`.execute(
    db,
  );
  return rows;
}

/** What is set aside is due now. Returns how many. */
export async function takeUpAside(db: LedgerDb, pipeline: string): Promise<number> {
  const { rows } =
    await sql`update artifacts set standing = 'due' where pipeline = ${pipeline} and standing = 'set-aside'
    returning id`.execute(db);
  return rows.length;
}
