import { type QueryExecutorProvider, sql } from 'kysely';

/** By when they end: so that those that are over, and are not known to be, are found among a million without reading the others. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql
    .raw(
      `create index indicators_by_end on indicators (pipeline, (facts->>'validUntil') collate "C")
        where exclusion is null and facts->>'validUntil' is not null`,
    )
    .execute(db);
}
