import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newBudget, type Reservation, reserve, throttle } from '../../ledger/budget-law.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { slowBudget, takeSlots } from '../../ledger/rate-budget.ts';
import { openTestLedger } from './test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 24) + ms);
const LIMITS = { perSecond: 10, burst: 2 };
const FAR = 1e9;

function take(
  api: string,
  ms: number,
  sizes: readonly number[] = [1],
  withinMs = FAR,
  answered = 0,
): Promise<Reservation> {
  return takeSlots(ledger, api, LIMITS, { sizes, withinMs, answered }, at(ms));
}

/** Milliseconds until the slots of each. */
async function waits(api: string, ms: number, sizes: readonly number[] = [1], withinMs = FAR): Promise<number[]> {
  const reservation = await take(api, ms, sizes, withinMs);
  return reservation.waits.map((wait) => Math.max(0, Math.round(wait)));
}

/** Milliseconds between slots. */
async function interval(api: string, ms: number): Promise<number> {
  const [first = Number.NaN, second = Number.NaN] = (await take(api, ms, [1, 1])).waits;
  return second - first;
}

function slow(api: string, ms: number, retryAfterMs?: number, jitter = 0.5, answered = 0): Promise<void> {
  return slowBudget(ledger, api, LIMITS, { retryAfterMs, jitter, answered }, at(ms));
}

/** The API is tried by one request, and answers. */
async function answer(api: string, ms: number): Promise<void> {
  expect((await take(api, ms)).waits).toHaveLength(1);
  await take(api, ms + 1, [], FAR, 1);
}

it('lets a burst through at once, then one request each interval', async () => {
  const each: number[] = [];
  for (let request = 0; request < 5; request += 1) each.push(...(await waits('burst', 0)));
  expect(each).toEqual([0, 0, 100, 200, 300]);
  expect(await waits('burst', 10_000)).toEqual([0]);
});

it('gives requests that are made at the same time slots of their own', async () => {
  const each = await Promise.all(Array.from({ length: 6 }, () => waits('shared', 0)));
  expect(each.flat().toSorted((a, b) => a - b)).toEqual([0, 0, 100, 200, 300, 400]);
});

it('gives each as many slots as its requests need', async () => {
  expect((await take('many', 0, [20, 1, 1])).waits).toEqual([-100, 1_900, 2_000]);
});

it('keeps slots apart that are closer than a millisecond', async () => {
  const fast = { perSecond: 100_000, burst: 1 };
  const sizes = Array.from({ length: 50 }, () => 1);
  for (let times = 0; times < 2; times += 1) {
    await takeSlots(ledger, 'fast', fast, { sizes, withinMs: FAR, answered: 0 }, at(0));
  }
  const [wait = 0] = (await takeSlots(ledger, 'fast', fast, { sizes: [1], withinMs: FAR, answered: 0 }, at(0))).waits;
  expect(wait).toBeCloseTo(1, 2);
});

it('gives nothing that is not near enough, and says when it will be', async () => {
  expect(await waits('near', 0, [5, 1, 1], 450)).toEqual([0, 400]);
  const { waits: none, askMs, leastMs, stop } = await take('near', 0, [1], 250);
  expect({ none, askMs: Math.round(askMs), leastMs: Math.round(leastMs), stop }).toEqual({
    none: [],
    askMs: 250,
    leastMs: 500,
    stop: null,
  });
  expect(await waits('near', 250, [1], 250)).toEqual([250]);
});

describe('after a 429', () => {
  it('everybody stops for exactly as long as the API says', async () => {
    await waits('stopped', 0);
    await slow('stopped', 0, 5_000);
    expect(await take('stopped', 1_000)).toMatchObject({ waits: [], askMs: 4_000, leastMs: 4_000, stop: 'pause' });
    expect(await take('stopped', 5_000)).toMatchObject({ waits: [0], stop: 'trial' });
  });

  it('one request tries the API, then another one only when that is answered, or has not been for two seconds', async () => {
    await waits('tried', 0);
    await slow('tried', 0, 1_000);
    expect(await waits('tried', 1_000, [1, 1, 1])).toEqual([0]);
    expect(await take('tried', 1_100)).toMatchObject({ waits: [], stop: 'trial' });
    expect(await waits('tried', 3_000, [1, 1])).toEqual([0]);
    expect((await take('tried', 3_100, [1, 1], FAR, 1)).waits).toHaveLength(2);
  });

  it('what was answered before it is no sign that it is over', async () => {
    await waits('stale', 0);
    await slow('stale', 0, 1_000);
    expect((await take('stale', 500, [1], FAR, 3)).stop).toBe('pause');
    expect((await take('stale', 1_000, [1, 1], FAR, 2)).waits).toEqual([0]);
  });

  it('the pace comes down a little when all was quiet before, and climbs back', async () => {
    await waits('little', 0);
    await slow('little', 0, 1_000);
    await answer('little', 1_000);
    const slowed = await interval('little', 1_500);
    expect(slowed).toBeCloseTo(100 / 0.97, 3);
    const later = await interval('little', 10_000);
    expect(later).toBeGreaterThan(100);
    expect(later).toBeLessThan(slowed);
    expect(await interval('little', 60_000)).toBeCloseTo(100, 3);
    expect(await interval('little', 365 * 86_400_000)).toBeCloseTo(100, 3);
  });

  it('those of requests that were under way together count once', async () => {
    await waits('together', 0);
    for (let ms = 0; ms < 900; ms += 100) await slow('together', ms, 1_000);
    await answer('together', 1_800);
    expect(await interval('together', 2_000)).toBeCloseTo(100 / 0.97, 3);
  });

  it('a storm, however long, counts once, and the pace begins low after it', async () => {
    await waits('storm', 0);
    for (let ms = 0; ms < 60_000; ms += 1_000) {
      await slow('storm', ms, 1_000);
      expect(await waits('storm', ms + 1_000)).toEqual([0]);
    }
    await take('storm', 60_001, [], FAR, 1);
    expect(await interval('storm', 60_001)).toBeCloseTo(800 / 0.97, 3);
    expect(await interval('storm', 64_001)).toBeLessThan(104);
  });

  it('what is booked at the slow pace costs less when the pace is back', async () => {
    await waits('booked', 0);
    for (const ms of [0, 1_000]) {
      await slow('booked', ms, 1_000);
      expect(await waits('booked', ms + 1_000)).toEqual([0]);
    }
    await take('booked', 2_001, [], FAR, 1);
    // Twenty slots of 0.8 s, of which three seconds take four; at the pace of then the others are two seconds' worth.
    expect(await waits('booked', 3_000, [20])).toHaveLength(1);
    const [wait = 0] = await waits('booked', 6_000);
    expect(wait).toBeLessThan(2_000);
  });

  it('the pace goes to what the API allows when answers and 429s alternate', async () => {
    await waits('limit', 0);
    await slow('limit', 0, 1_000);
    await answer('limit', 1_000);
    // Twenty-one answers in four seconds, the pause among them.
    await slow('limit', 4_001, 1_000, 0.5, 20);
    expect(await waits('limit', 5_001)).toEqual([0]);
    await take('limit', 5_002, [], FAR, 1);
    expect(await interval('limit', 5_002)).toBeCloseTo(4_001 / 21, 1);
  });

  it('pauses grow, with jitter, when it does not say how long, or says no time at all', async () => {
    await waits('silent', 0);
    let time = 0;
    const pauseAfter = async (jitter: number, retryAfterMs?: number): Promise<number> => {
      await slow('silent', time, retryAfterMs, jitter);
      const { askMs } = await take('silent', time);
      time += askMs;
      expect(await waits('silent', time)).toEqual([0]);
      return Math.round(askMs);
    };
    expect(await pauseAfter(0.5)).toBe(1_000);
    expect(await pauseAfter(0.5, 0)).toBe(2_000);
    expect(await pauseAfter(0)).toBe(2_000);
    expect(await pauseAfter(1)).toBe(12_000);
    expect(await pauseAfter(0.5)).toBe(10_000);
    expect(await pauseAfter(1)).toBe(15_000);
    await take('silent', time + 1, [], FAR, 1);
    time += 60_000;
    expect(await pauseAfter(1)).toBe(1_500);
  });
});

it('keeps everything that its law knows', async () => {
  let state = newBudget(LIMITS, at(0).getTime());
  for (let step = 0; step < 200; step += 1) {
    const ms = step * 130;
    const answered = step % 4;
    if (step % 17 === 3 || step % 50 === 21) {
      const said = { retryAfterMs: step % 2 === 0 ? 600 : undefined, jitter: 0.25, answered };
      state = throttle(state, LIMITS, said, at(ms).getTime());
      await slowBudget(ledger, 'kept', LIMITS, said, at(ms));
    }
    const request = { sizes: [1, 3, 1], withinMs: 250, answered };
    const expected = reserve(state, LIMITS, request, at(ms).getTime());
    state = expected.state;
    const reservation = await takeSlots(ledger, 'kept', LIMITS, request, at(ms));
    expect(reservation.waits.map(Math.round)).toEqual(expected.reservation.waits.map(Math.round));
    expect(reservation.stop).toBe(expected.reservation.stop);
  }
});

it('does not wait for what a clock that was ahead has written down', async () => {
  const aMonth = 30 * 24 * 3_600_000;
  await waits('ahead', aMonth);
  expect(await waits('ahead', 0, [1, 1, 1])).toEqual([0, 100, 200]);
  expect(await waits('ahead', 50)).toEqual([250]);
});

it('does not wait out a pause that is longer than any, which a clock that was ahead has written down', async () => {
  const limits = { ...LIMITS, longestPauseMs: 3_600_000 };
  const aMonth = 30 * 24 * 3_600_000;
  const one = { sizes: [1], withinMs: FAR, answered: 0 };
  await slowBudget(ledger, 'paused ahead', limits, { retryAfterMs: 60_000, jitter: 0.5, answered: 0 }, at(aMonth));
  const now = await takeSlots(ledger, 'paused ahead', limits, one, at(0));
  expect(now).toMatchObject({ stop: 'trial', waits: [0] });
  await slowBudget(ledger, 'paused ahead', limits, { retryAfterMs: 60_000, jitter: 0.5, answered: 0 }, at(10));
  const [wait = 0] = (await takeSlots(ledger, 'paused ahead', limits, one, at(20))).waits;
  expect(wait).toBeLessThanOrEqual(60_000);
});
