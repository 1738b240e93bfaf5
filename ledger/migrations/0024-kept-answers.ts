import { type QueryExecutorProvider, sql } from 'kysely';

/** What one pipeline has asked a source, or is asking, for others that read the same; and the rows that it was given. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table kept_answers (
    id bigint generated always as identity primary key,
    source text not null,
    from_time timestamptz not null,
    to_time timestamptz not null,
    bucket integer not null,
    buckets integer not null,
    state text not null,
    urgent boolean not null,
    leased_by text,
    leased_until timestamptz,
    answer json,
    size bigint not null default 0,
    wanted_by jsonb not null default '[]',
    asked_at timestamptz not null,
    unique (source, from_time, to_time, bucket, buckets)
  )`,
  // `json`, and not `jsonb`: that declines NUL, which a row may have.
  `create table kept_rows (
    read_id bigint not null references kept_answers on delete cascade,
    part integer not null,
    rows json not null,
    primary key (read_id, part)
  )`,
];
