import { type QueryExecutorProvider, sql } from 'kysely';

/** What a destination holds of an indicator, by the id and in the form that it has there; and requests that a person has to decide about. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table deliveries add column remote_id text, add column held jsonb, add column asked jsonb, add column refused jsonb,
    add column awaits bigint`,
  'create index deliveries_awaiting on deliveries (awaits) where awaits is not null',
  'alter table batch_items add column held jsonb',
  `alter table shipments add column review text check (review in ('waiting', 'decided'))`,
  `create index shipments_in_review on shipments (window_id) where review = 'waiting'`,
];
