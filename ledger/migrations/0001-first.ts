import { type QueryExecutorProvider, sql } from 'kysely';

/** Everything that the first release remembers. A migration is never edited once it has been released. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table windows (
    id bigint generated always as identity primary key,
    pipeline text not null,
    kind text not null check (kind in ('live', 'backfill')),
    from_time timestamptz not null,
    to_time timestamptz not null check (to_time > from_time),
    read_from timestamptz not null check (read_from <= from_time),
    state text not null check (state in ('running', 'done', 'failed')),
    reason text,
    rows integer,
    planned_at timestamptz not null,
    closed_at timestamptz,
    unique (pipeline, from_time)
  )`,
  `create index windows_open on windows (pipeline, from_time) where state <> 'done'`,
  `create table slices (
    window_id bigint not null references windows on delete cascade,
    name text not null,
    counts jsonb not null,
    primary key (window_id, name)
  )`,
  `create table indicators (
    id bigint generated always as identity primary key,
    pipeline text not null,
    type text not null,
    value text not null,
    facts jsonb not null,
    sources jsonb not null,
    content_hash text not null,
    exclusion text,
    unique (value, type, pipeline)
  )`,
  `create table sources (
    indicator_id bigint not null references indicators on delete cascade,
    source_id text not null,
    source_system text not null,
    source_time text not null,
    modified text,
    facts jsonb not null,
    facts_hash text not null,
    superseded boolean not null default false,
    primary key (source_id, indicator_id)
  )`,
  `create index sources_of_indicator on sources (indicator_id)`,
  `create table reputations (
    host text primary key,
    kind text check (kind in ('scored', 'none')),
    score integer,
    classification text,
    rules jsonb,
    fetched_at timestamptz,
    expires_at timestamptz,
    leased_until timestamptz,
    leased_by text
  )`,
  `create index reputations_leased on reputations (leased_by) where leased_by is not null`,
  `create table batches (
    window_id bigint not null references windows on delete cascade,
    batch integer not null,
    items integer not null,
    primary key (window_id, batch)
  )`,
  `create table shipments (
    id bigint generated always as identity primary key,
    window_id bigint not null references windows on delete cascade,
    batch integer not null,
    marker text not null unique,
    state text not null check (state in ('planned', 'sent', 'settled')),
    sent_after timestamptz,
    receipt jsonb,
    note text
  )`,
  `create index shipments_of_batch on shipments (window_id, batch)`,
  `create table batch_items (
    window_id bigint not null references windows on delete cascade,
    indicator_id bigint not null references indicators,
    change text not null check (change in ('new', 'changed', 'consequence', 'ended')),
    batch integer,
    decision text check (decision in ('deliver', 'hold', 'exclude')),
    reason text,
    score integer,
    shipment_id bigint references shipments,
    hash text,
    outcome text check (outcome in ('held', 'confirmed', 'rejected', 'retracted')),
    primary key (window_id, indicator_id)
  )`,
  `create index batch_items_of_batch on batch_items (window_id, batch)`,
  `create index batch_items_of_shipment on batch_items (shipment_id) where shipment_id is not null`,
  `create table deliveries (
    indicator_id bigint primary key references indicators on delete cascade,
    state text not null check (state in ('pending', 'confirmed', 'rejected', 'retracted')),
    hash text,
    score integer,
    reason text,
    shipment_id bigint references shipments,
    changed_at timestamptz not null
  )`,
  `create table quarantine (
    id bigint generated always as identity primary key,
    pipeline text not null,
    window_id bigint not null references windows on delete cascade,
    source_id text,
    reason text not null,
    excerpt text not null,
    seen_at timestamptz not null
  )`,
  `create index quarantine_of_pipeline on quarantine (pipeline, window_id)`,
  `create table rate_budgets (
    api text primary key,
    next_at timestamptz not null,
    interval_ms double precision not null,
    blocked_until timestamptz
  )`,
];
