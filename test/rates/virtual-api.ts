import { Fault } from '../../indicators/fault.ts';
import { type BudgetLimits, type BudgetState, newBudget, reserve, throttle } from '../../ledger/budget-law.ts';
import { budgetPace } from '../../rates/budget-pace.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

export interface Story {
  readonly limits: BudgetLimits;
  /** What the API allows in a second, at that second: a bucket that holds one second's worth. Default: no limit */
  readonly allowed?: (second: number) => number;
  /** When it answers everything with 429, in seconds. */
  readonly storms?: readonly (readonly [from: number, to: number])[];
  /** So many requests are answered, and the next one with 429, whatever the pace. */
  readonly everyNth?: number;
  /** What a 429 says; undefined when it says nothing. */
  readonly retryAfterMs?: number | undefined;
  readonly latencyMs?: number;
  readonly workers?: number;
  /** Requests that each worker has under way or waiting. */
  readonly lanes?: number;
  /** Requests that go together, each answered for itself. */
  readonly batch?: number;
  /** The share of the lanes that belong to live runs. */
  readonly urgent?: number;
}

/** What the API answered, second by second. */
export interface Answers {
  readonly good: readonly number[];
  readonly refused: readonly number[];
  /** How often the budget was asked, and told of a 429. */
  readonly statements: number;
}

/** Runs the pace of some workers that always have work against an API, by a clock of its own. */
export async function answersOf(story: Story, seconds: number): Promise<Answers> {
  const clock = virtualClock();
  const api = virtualApi(story, clock);
  const budget = virtualBudget(story.limits, clock);
  const { workers = 1, lanes = 40, batch = 1, urgent = 1 } = story;
  let isUrgent = true;
  for (let worker = 0; worker < workers; worker += 1) {
    const pace = budgetPace(budget, {
      now: () => new Date(clock.ms()),
      sleep: clock.sleep,
      random: draws(worker),
      isUrgent: () => isUrgent,
    });
    const lane = async (goesFirst: boolean): Promise<void> => {
      const { signal } = new AbortController();
      for (;;) {
        isUrgent = goesFirst;
        try {
          await pace.before(signal, batch);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          await clock.sleep(error.retryAfterMs ?? 1_000);
          continue;
        }
        const good = await api.ask(batch);
        if (good > 0) pace.answered(good);
        if (good < batch) await pace.throttled(story.retryAfterMs);
      }
    };
    for (let each = 0; each < lanes; each += 1) void lane(each < urgent * lanes);
  }
  await clock.runUntil(seconds * 1_000);
  return { ...api.counts, statements: budget.statements() };
}

function virtualApi({ allowed, storms = [], latencyMs = 50, everyNth }: Story, clock: VirtualClock) {
  const counts: { good: number[]; refused: number[] } = { good: [], refused: [] };
  let tokens = allowed?.(0) ?? 0;
  let filledAt = 0;
  let requests = 0;
  const isGood = (second: number): boolean => {
    requests += 1;
    if (everyNth !== undefined && requests % everyNth === 0) return false;
    if (storms.some(([from, to]) => second >= from && second < to)) return false;
    if (allowed === undefined) return true;
    const size = Math.max(1, allowed(second));
    tokens = Math.min(size, tokens + (second - filledAt) * allowed(second));
    filledAt = second;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  return {
    counts,
    async ask(asked: number): Promise<number> {
      await clock.sleep(latencyMs / 2);
      const second = clock.ms() / 1_000;
      let good = 0;
      for (let each = 0; each < asked; each += 1) if (isGood(second)) good += 1;
      const at = Math.floor(second);
      counts.good[at] = (counts.good[at] ?? 0) + good;
      counts.refused[at] = (counts.refused[at] ?? 0) + asked - good;
      await clock.sleep(latencyMs / 2);
      return good;
    },
  };
}

/** The budget's law without a ledger; asking takes a moment, as it does there. */
export function virtualBudget(limits: BudgetLimits, clock: VirtualClock) {
  let state: BudgetState = newBudget(limits, 0);
  let statements = 0;
  return {
    api: 'the API',
    statements: () => statements,
    async take(request: Parameters<typeof reserve>[2]) {
      statements += 1;
      await clock.sleep(2);
      const reserved = reserve(state, limits, request, clock.ms());
      state = reserved.state;
      return reserved.reservation;
    },
    async slow(said: Parameters<typeof throttle>[2]) {
      statements += 1;
      await clock.sleep(2);
      state = throttle(state, limits, said, clock.ms());
    },
  };
}

/** Numbers from 0 to 1 that are the same each time (a linear congruential generator). */
function draws(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
