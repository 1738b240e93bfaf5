import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * A window's items are scored in batches of their own; those that are delivered are put into batches afterwards, by the destination's
 * key. What is gathered waits on the list with that key, and with what it was decided for.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  'alter table batch_items add column scoring integer',
  'alter table batch_items add column sort_key text',
  'create index batch_items_of_scoring on batch_items (window_id, scoring) where scoring is not null',
  'alter table set_aside add column sort_key text',
  'alter table set_aside add column score integer',
  'alter table set_aside add column decided_for text',
];
