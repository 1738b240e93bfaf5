import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

export interface BudgetLimits {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests that may go at once after a pause. */
  readonly burst: number;
}

/**
 * Takes the next free slot of an API's budget, in one statement (GCRA), and returns how many milliseconds from `now` it is.
 * All workers share the budget: what one takes, the others see.
 */
export async function reserveSlot(db: LedgerDb, api: string, limits: BudgetLimits, now: Date): Promise<number> {
  const interval = 1_000 / limits.perSecond;
  const { rows } = await sql<{ wait: number }>`
    insert into rate_budgets as b (api, next_at, interval_ms)
    values (${api}, ${now}::timestamptz + make_interval(secs => ${interval}::float8 / 1000), ${interval}::float8)
    on conflict (api) do update set
      interval_ms = excluded.interval_ms,
      next_at = greatest(b.next_at, b.blocked_until, ${now}::timestamptz - make_interval(secs => ${(interval * (limits.burst - 1)) / 1000}::float8))
        + make_interval(secs => excluded.interval_ms / 1000)
    returning greatest(0, extract(epoch from (next_at - make_interval(secs => interval_ms / 1000) - ${now}::timestamptz)) * 1000)::float8 as wait`.execute(
    db,
  );
  return rows[0]?.wait ?? 0;
}

/** A `Retry-After` that one worker has seen stops all. */
export async function blockBudget(db: LedgerDb, api: string, until: Date): Promise<void> {
  await sql`update rate_budgets set blocked_until = greatest(blocked_until, ${until}::timestamptz) where api = ${api}`.execute(
    db,
  );
}
