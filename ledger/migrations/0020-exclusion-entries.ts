import { type QueryExecutorProvider, sql } from 'kysely';

/** Where the entry stands by which an indicator is excluded, for a person who asks why. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql.raw('alter table indicators add column exclusion_entry text').execute(db);
}
