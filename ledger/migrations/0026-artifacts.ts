import { type QueryExecutorProvider, sql } from 'kysely';

/** What pipelines that enrich have read of their TIP, what they made of it, and how far they are. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table enrichments (
    pipeline text primary key,
    selection text not null,
    pass integer not null,
    pass_began timestamptz not null,
    pass_ended timestamptz,
    position text,
    read_at timestamptz
  )`,
  `create table artifacts (
    id bigint generated always as identity primary key,
    pipeline text not null,
    remote_id text not null,
    type text not null,
    value text not null,
    host text,
    without text,
    is_ours boolean not null,
    marks jsonb not null,
    score integer,
    pass integer not null,
    standing text not null,
    reason text,
    due_at timestamptz,
    part integer,
    verdict text,
    judged_at timestamptz,
    wanted jsonb,
    work jsonb,
    work_key text,
    written_at timestamptz,
    tries integer not null default 0,
    scored integer,
    score_before integer,
    unique (pipeline, remote_id)
  )`,
  'create index artifacts_by_part on artifacts (pipeline, standing, part)',
  'create index artifacts_by_host on artifacts (pipeline, host)',
  `create table artifact_comments (
    pipeline text not null,
    key text not null,
    verdict text not null,
    text text not null,
    written_by bigint not null,
    state text not null,
    sent_at timestamptz,
    ended_at timestamptz,
    primary key (pipeline, key)
  )`,
  `create table enrichment_counts (
    pipeline text not null,
    what text not null,
    count bigint not null,
    primary key (pipeline, what)
  )`,
  `create table searched_hosts (
    pipeline text not null,
    host text not null,
    searched_at timestamptz not null,
    primary key (pipeline, host)
  )`,
];
