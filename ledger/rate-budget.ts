import { type RawBuilder, sql } from 'kysely';
import {
  type BudgetLimits,
  type BudgetState,
  newBudget,
  type Reservation,
  reserve,
  type SlotRequest,
  type Throttle,
  throttle,
} from './budget-law.ts';
import type { LedgerDb } from './open-ledger.ts';

/**
 * Takes the next free slots of an API's budget. All workers share the budget, by the clock of the database: what one takes, the
 * others see. `at` stands in for that clock in tests.
 */
export async function takeSlots(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  request: SlotRequest,
  at?: Date,
): Promise<Reservation> {
  return change(db, api, limits, at, (state, now) => {
    const { state: after, reservation } = reserve(state, limits, request, now);
    return { state: after, result: reservation };
  });
}

/** An API said that it was too much. */
export async function slowBudget(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  said: Throttle,
  at?: Date,
): Promise<void> {
  await change(db, api, limits, at, (state, now) => ({ state: throttle(state, limits, said, now), result: null }));
}

/**
 * Reads the budget, and writes what becomes of it unless somebody else changed it meanwhile: then once more. What changes nothing
 * writes nothing.
 */
async function change<T>(
  db: LedgerDb,
  api: string,
  limits: BudgetLimits,
  at: Date | undefined,
  decide: (state: BudgetState, now: number) => { readonly state: BudgetState; readonly result: T },
): Promise<T> {
  const clock = at === undefined ? sql`statement_timestamp()` : sql`${at}::timestamptz`;
  for (;;) {
    const { rows } = await sql<Row>`
      select ${ms(clock)} as now, b.revision::float8 as revision, ${ms(sql`next_at`)} as "nextAt", interval_ms as "intervalMs",
        ${ms(sql`blocked_until`)} as "blockedUntil", strikes, ${ms(sql`probed_at`)} as "probedAt", slowdown,
        ${ms(sql`slowed_at`)} as "slowedAt", ramping, answered
      from (select ${api}::text as api) asked left join rate_budgets b using (api)`.execute(db);
    const [row] = rows;
    if (row === undefined) throw new Error(`The ledger did not tell the budget of ${api}.`);
    const { now, ...read } = row;
    const state = read.revision === null ? newBudget(limits, now) : read;
    const decided = decide(state, now);
    if (decided.state === state || (await write(db, api, decided.state, read.revision))) return decided.result;
  }
}

/** Left-joined: all or nothing of a budget is null. */
type Row = { readonly now: number } & ({ readonly revision: null } | (BudgetState & { readonly revision: number }));

/** False when the budget is not any more what was read. */
async function write(db: LedgerDb, api: string, state: BudgetState, revision: number | null): Promise<boolean> {
  const columns = sql`api, next_at, interval_ms, blocked_until, strikes, probed_at, slowdown, slowed_at, ramping, answered, revision`;
  const values = sql`${api}, ${time(state.nextAt)}, ${state.intervalMs}::float8, ${time(state.blockedUntil)}, ${state.strikes}::int,
    ${time(state.probedAt)}, ${state.slowdown}::float8, ${time(state.slowedAt)}, ${state.ramping}::boolean,
    ${state.answered}::float8, ${(revision ?? 0) + 1}::bigint`;
  const { numAffectedRows } = await (revision === null
    ? sql`insert into rate_budgets (${columns}) values (${values}) on conflict (api) do nothing`
    : sql`update rate_budgets set (${columns}) = row(${values}) where api = ${api} and revision = ${revision}::bigint`
  ).execute(db);
  return numAffectedRows === 1n;
}

/** Milliseconds since 1970, with their fractions: at a high pace slots are closer than a millisecond. */
function ms(at: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(extract(epoch from ${at}) * 1000)::float8`;
}

function time(at: number | null): RawBuilder<unknown> {
  return sql`to_timestamp(${at}::float8 / 1000)`;
}
