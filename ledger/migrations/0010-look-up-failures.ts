import { type QueryExecutorProvider, sql } from 'kysely';

/** How often a host's look-up failed while others were answered, so that it is tried within bounds whoever tries it. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql
    .raw(`alter table reputations
      add column failures integer not null default 0,
      add column try_at timestamptz,
      add column given_up text check (given_up in ('look-up-failed', 'unreadable-reputation')),
      add column failure text`)
    .execute(db);
}
