import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

export interface BudgetLimits {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests that may go at once after a pause. */
  readonly burst: number;
}

/**
 * Takes the next free slots of an API's budget, in one statement (GCRA), and returns how many milliseconds from `now` the
 * first of them is. All workers share the budget: what one takes, the others see.
 */
export async function reserveSlots(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  slots: number,
  now: Date,
): Promise<number> {
  const { intervalMs, taken, earliest, at } = terms(limits, slots, now);
  const { rows } = await sql<{ wait: number }>`
    insert into rate_budgets as b (api, next_at, interval_ms) values (${api}, ${earliest} + ${taken}, ${intervalMs}::float8)
    on conflict (api) do update set
      interval_ms = excluded.interval_ms,
      next_at = greatest(b.next_at, b.blocked_until, ${earliest}) + ${taken}
    returning greatest(0, extract(epoch from (next_at - ${taken} - ${at})) * 1000)::float8 as wait`.execute(db);
  return rows[0]?.wait ?? 0;
}

/** Takes slots only if the first of them is free at `now`; else returns after how many milliseconds to ask again. */
export async function takeFreeSlots(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  slots: number,
  now: Date,
): Promise<number> {
  const { intervalMs, taken, earliest, at } = terms(limits, slots, now);
  const { rows } = await sql<{ api: string }>`
    insert into rate_budgets as b (api, next_at, interval_ms) values (${api}, ${earliest} + ${taken}, ${intervalMs}::float8)
    on conflict (api) do update set
      interval_ms = excluded.interval_ms,
      next_at = greatest(b.next_at, ${earliest}) + ${taken}
    where greatest(b.next_at, b.blocked_until) <= ${at}
    returning api`.execute(db);
  if (rows.length > 0) return 0;
  const next = await sql<{ wait: number }>`
    select (extract(epoch from (greatest(next_at, blocked_until) - ${at})) * 1000)::float8 as wait
    from rate_budgets where api = ${api}`.execute(db);
  return Math.max(1, next.rows[0]?.wait ?? 1);
}

/** A `Retry-After` that one worker has seen stops all. */
export async function blockBudget(db: LedgerDb, api: string, until: Date): Promise<void> {
  await sql`update rate_budgets set blocked_until = greatest(blocked_until, ${until}::timestamptz)
    where api = ${api}`.execute(db);
}

function terms({ perSecond, burst }: BudgetLimits, slots: number, now: Date) {
  const interval = 1 / perSecond;
  const at = sql`${now}::timestamptz`;
  return {
    at,
    intervalMs: interval * 1_000,
    /** How far these slots move the budget on. */
    taken: sql`make_interval(secs => ${interval * slots}::float8)`,
    /** After a pause as many slots as the burst are free at once. */
    earliest: sql`(${at} - make_interval(secs => ${interval * (burst - 1)}::float8))`,
  };
}
