import { type QueryExecutorProvider, sql } from 'kysely';

/** The slices that the source would not give: how often and since when, and which of them were set aside. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`create table unread_slices (
    id bigint generated always as identity primary key,
    pipeline text not null,
    window_id bigint not null,
    from_time timestamptz not null,
    to_time timestamptz not null,
    bucket integer not null,
    buckets integer not null,
    reason text not null,
    since timestamptz not null,
    tries integer not null,
    due_at timestamptz,
    taken_by bigint,
    unique (pipeline, from_time, to_time, bucket, buckets)
  )`.execute(db);
}
