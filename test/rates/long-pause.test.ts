import { expect, it } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import { type BudgetState, newBudget, reserve, throttle } from '../../ledger/budget-law.ts';
import { budgetPace } from '../../rates/budget-pace.ts';
import { virtualClock } from './virtual-clock.ts';

const DAY_MS = 86_400_000;
const LIMITS = { perSecond: 10, burst: 1 };

/** A worker whose API asks for a pause, which somebody may lift elsewhere. */
function worker(longestPauseMs?: number) {
  const clock = virtualClock();
  const limits = { ...LIMITS, ...(longestPauseMs === undefined ? {} : { longestPauseMs }) };
  let state: BudgetState = newBudget(limits, 0);
  const pace = budgetPace(
    {
      api: 'An API',
      async take(request) {
        const taken = reserve(state, limits, request, clock.ms());
        state = taken.state;
        return taken.reservation;
      },
      async slow(said) {
        state = throttle(state, limits, said, clock.ms());
      },
    },
    { now: () => new Date(clock.ms()), sleep: clock.sleep, random: () => 0.5, isUrgent: () => true },
  );
  const { signal } = new AbortController();
  /** What becomes of a request that comes now: when it may go, or the fault. */
  const request = (): { outcome: number | Fault | null } => {
    const one: { outcome: number | Fault | null } = { outcome: null };
    pace.before(signal).then(
      () => {
        one.outcome = clock.ms();
      },
      (error: unknown) => {
        one.outcome = error instanceof Fault ? error : new Fault('Malformed', 'It is to be a fault.');
      },
    );
    return one;
  };
  return {
    clock,
    pace,
    request,
    lift: () => {
      state = { ...state, blockedUntil: null };
    },
  };
}

it('who comes during a long pause is told within seconds, and how it can be lifted', async () => {
  const { clock, pace, request } = worker();
  await pace.throttled(DAY_MS);
  const first = request();
  await clock.runUntil(1_000);
  const later = request();
  await clock.runUntil(12_000);
  for (const { outcome } of [first, later]) {
    expect(outcome).toMatchObject({
      kind: 'Throttled',
      message:
        'An API asked to be left alone until 1970-01-02T00:00:00Z. The update `resume` of any run of the pipeline has it tried again at once.',
    });
  }
});

it('a pause that was lifted is over within seconds', async () => {
  const { clock, pace, request, lift } = worker();
  await pace.throttled(DAY_MS);
  const before = request();
  await clock.runUntil(1_000);
  expect(before.outcome).toBeInstanceOf(Fault);
  lift();
  const after = request();
  await clock.runUntil(12_000);
  expect(after.outcome).toBeLessThan(12_000);
});

it('a pause is no longer than the longest that is set', async () => {
  const { clock, pace, request } = worker(600_000);
  await pace.throttled(DAY_MS);
  await clock.runUntil(600_001);
  const one = request();
  await clock.runUntil(610_000);
  expect(one.outcome).toBeLessThan(610_000);
});
