import { type QueryExecutorProvider, sql } from 'kysely';

/** Rate budgets come down on a 429 and climb back: what they need to know for it. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`alter table rate_budgets
    add column slowdown double precision not null default 1,
    add column slowed_at timestamptz,
    add column strikes integer not null default 0`.execute(db);
}
