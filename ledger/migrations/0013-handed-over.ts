import { type QueryExecutorProvider, sql } from 'kysely';

/** The window that has taken an item over from one that nobody is at work on any more. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql.raw('alter table batch_items add column handed_to bigint').execute(db);
}
