import { type QueryExecutorProvider, sql } from 'kysely';

/** The kind of destination that holds what a pipeline has delivered. Releases before this one had no other than ThreatStream. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  'alter table pipelines add column destination text',
  `update pipelines set destination = 'threatstream'`,
];
