import { type QueryExecutorProvider, sql } from 'kysely';

/** What a worker has agreed on with a command that asks about values of its own, for as long as it asks. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql
    .raw(`create table exchanges (
    id text primary key,
    secret text not null,
    opened_at timestamptz not null,
    expires_at timestamptz not null
  )`)
    .execute(db);
}
