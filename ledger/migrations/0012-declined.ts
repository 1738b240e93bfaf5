import { type QueryExecutorProvider, sql } from 'kysely';

/** Indicators that are declined again and again, each alone in its request, are counted as well. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql`alter table failing drop constraint failing_what_check,
    add constraint failing_what_check check (what in ('send', 'ask', 'withdraw', 'declined'))`.execute(db);
}
