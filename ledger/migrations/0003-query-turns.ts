import { type QueryExecutorProvider, sql } from 'kysely';

/** The queries that are under way or waiting, over all workers. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`create table query_turns (
    id bigint generated always as identity primary key,
    api text not null,
    urgent boolean not null,
    running boolean not null default false,
    until timestamptz not null
  )`.execute(db);
}
