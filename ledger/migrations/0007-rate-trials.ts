import { type QueryExecutorProvider, sql } from 'kysely';

/** What a rate budget learns from answers, not from 429s alone; and its revision, for those who change it at the same time. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`alter table rate_budgets
    add column probed_at timestamptz,
    add column ramping boolean not null default false,
    add column answered double precision not null default 0,
    add column revision bigint not null default 0`.execute(db);
}
