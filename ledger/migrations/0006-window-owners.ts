import { type QueryExecutorProvider, sql } from 'kysely';

/** Which run is at work on a window and for how long that is believed, where coverage begins, and which window withdraws. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table pipelines (
    name text primary key,
    covered_since timestamptz not null
  )`,
  // What a worker of the release before writes, and what stands there already, belongs to nobody before long.
  `alter table windows
    add column owner_workflow text not null default '',
    add column owner_run text not null default '',
    add column leased_until timestamptz not null default now() + interval '15 minutes',
    add column begun boolean not null default true`,
  `alter table deliveries add column withdrawn_by bigint`,
];
