import { type QueryExecutorProvider, sql } from 'kysely';

/** Requests that fail again and again, each by itself, so that the effort spent on one has an end. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`create table failing (
    what text not null check (what in ('send', 'ask', 'withdraw')),
    id bigint not null,
    tries integer not null,
    since timestamptz not null,
    primary key (what, id)
  )`.execute(db);
}
