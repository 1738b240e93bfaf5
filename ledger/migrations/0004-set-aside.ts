import { type QueryExecutorProvider, sql } from 'kysely';

/** What could not be decided or delivered within bounds, what may be at the destination unconfirmed, and when a try ended. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table set_aside (
    indicator_id bigint primary key references indicators on delete cascade,
    stage text not null check (stage in ('look-up', 'delivery')),
    reason text not null,
    since timestamptz not null,
    due_at timestamptz
  )`,
  `create index set_aside_due on set_aside (due_at) where due_at is not null`,
  // Wider than before: a worker of the release before never writes what is new, and reads all else as it did.
  `alter table batch_items drop constraint batch_items_outcome_check,
    add constraint batch_items_outcome_check
      check (outcome in ('held', 'confirmed', 'rejected', 'retracted', 'set-aside'))`,
  `alter table deliveries drop constraint deliveries_state_check,
    add constraint deliveries_state_check
      check (state in ('pending', 'confirmed', 'rejected', 'retracted', 'set-aside')),
    add column may_hold text`,
  `alter table shipments add column ended_at timestamptz`,
];
