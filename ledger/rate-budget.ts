import { type RawBuilder, sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

export interface BudgetLimits {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests that may go at once after a pause. */
  readonly burst: number;
}

export interface SlotRequest {
  readonly slots: number;
  /** Take them only when the first of them is free within so many milliseconds. */
  readonly withinMs: number;
}

export type Reservation =
  /** The first slot is in `waitMs` (negative: it has been free for so long), each next one `intervalMs` later. */
  | { readonly kind: 'taken'; readonly waitMs: number; readonly intervalMs: number }
  /** Nothing was taken: ask again in `retryMs`. */
  | { readonly kind: 'full'; readonly retryMs: number };

/** A first 429 after quiet times slows a little: the pace was about right. Others soon after say that it is far off. */
const STEP = 1.03;
const SOON_STEP = 1.5;
const SOON_SECONDS = 10;
/** The 429s of requests that were under way together count once. */
const TOGETHER_SECONDS = 1;
/** The pace climbs back as exp(-CLIMB × minutes²): slowly where it was last too much, and faster the longer all is well. */
const CLIMB = 0.03;
const LONGEST_BACKOFF_MS = 60_000;
/** A 429 so soon after a pause says that the pause was too short; a later one is a trouble of its own. */
const STRIKE_SECONDS = 10;

/**
 * Takes the next free slots of an API's budget in one statement (GCRA). All workers share the budget, by the clock of the
 * database: what one takes, the others see. `at` stands in for that clock in tests.
 */
export async function takeSlots(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  { slots, withinMs }: SlotRequest,
  at?: Date,
): Promise<Reservation> {
  const now = clock(at);
  const seconds = 1 / limits.perSecond;
  const interval = sql`(${seconds}::float8 * ${slowdown(now)})`;
  const taken = sql`make_interval(secs => ${interval} * ${slots}::float8)`;
  /** After a pause as many slots as the burst are free at once. */
  const earliest = sql`(${now} - make_interval(secs => ${seconds * (limits.burst - 1)}::float8))`;
  const next = sql`greatest(b.next_at, b.blocked_until, ${earliest})`;
  const { rows } = await sql<{ wait: number; interval: number }>`
    insert into rate_budgets as b (api, next_at, interval_ms)
    values (${api}, ${earliest} + make_interval(secs => ${seconds * slots}::float8), ${seconds * 1_000}::float8)
    on conflict (api) do update set interval_ms = ${interval} * 1000, next_at = ${next} + ${taken}
    where ${next} <= ${now} + make_interval(secs => ${withinMs / 1_000}::float8)
    returning (extract(epoch from (next_at - ${taken} - ${now})) * 1000)::float8 as wait, interval_ms as interval`.execute(
    db,
  );
  const [row] = rows;
  if (row !== undefined) return { kind: 'taken', waitMs: row.wait, intervalMs: row.interval };
  const full = await sql<{ wait: number }>`
    select (extract(epoch from (greatest(next_at, blocked_until) - ${now})) * 1000)::float8 as wait
    from rate_budgets where api = ${api}`.execute(db);
  return { kind: 'full', retryMs: Math.max(1, (full.rows[0]?.wait ?? 0) - withinMs) };
}

/**
 * An API said that it was too much: everybody stops for as long as it asks, or with growing pauses when it does not say, and goes
 * on at a lower pace, which climbs back by itself. `jitter` (0 to 1) spreads the pauses that we choose ourselves.
 */
export async function slowBudget(
  db: LedgerDb,
  api: string,
  retryAfterMs: number | undefined,
  jitter: number,
  at?: Date,
): Promise<void> {
  const now = clock(at);
  const since = (seconds: number): RawBuilder<unknown> =>
    sql`coalesce(b.slowed_at > ${now} - make_interval(secs => ${seconds}), false)`;
  const together = since(TOGETHER_SECONDS);
  const strikes = sql`(case when ${together} then b.strikes when b.blocked_until > ${now} - make_interval(secs => ${STRIKE_SECONDS}) then b.strikes + 1 else 1 end)`;
  const pause =
    retryAfterMs === undefined
      ? sql`least(${LONGEST_BACKOFF_MS}::float8, 1000 * power(2, least(${strikes}, 20) - 1)) * ${0.5 + jitter}::float8`
      : sql`${retryAfterMs}::float8`;
  await sql`
    update rate_budgets as b set
      blocked_until = greatest(b.blocked_until, ${now} + make_interval(secs => (${pause}) / 1000)),
      strikes = ${strikes},
      slowdown = case when ${together} then b.slowdown
        else least(1000, ${slowdown(now)} * case when ${since(SOON_SECONDS)} then ${SOON_STEP}::float8 else ${STEP}::float8 end) end,
      slowed_at = case when ${together} then b.slowed_at else ${now} end
    where api = ${api}`.execute(db);
}

/** How many times the configured interval the interval is now. */
function slowdown(now: RawBuilder<unknown>): RawBuilder<unknown> {
  // Beyond an hour nothing is left of it, and exp() would underflow.
  const minutes = sql`(least(3600, extract(epoch from ${now} - b.slowed_at)::float8) / 60)`;
  return sql`greatest(1, b.slowdown * exp(${-CLIMB}::float8 * power(${minutes}, 2)))`;
}

function clock(at: Date | undefined): RawBuilder<unknown> {
  return at === undefined ? sql`statement_timestamp()` : sql`${at}::timestamptz`;
}
