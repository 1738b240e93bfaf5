import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { type Reservation, slowBudget, takeSlots } from '../../ledger/rate-budget.ts';
import { openTestLedger } from './test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 24) + ms);
const LIMITS = { perSecond: 10, burst: 2 };
const FAR = 1e9;

function take(api: string, ms: number, slots = 1, withinMs = FAR): Promise<Reservation> {
  return takeSlots(ledger, api, LIMITS, { slots, withinMs }, at(ms));
}

/** Milliseconds until the first slot. */
async function wait(api: string, ms: number, slots = 1): Promise<number> {
  const reservation = await take(api, ms, slots);
  if (reservation.kind === 'full') throw new Error('full');
  return Math.max(0, Math.round(reservation.waitMs));
}

/** Milliseconds between slots. */
async function interval(api: string, ms: number): Promise<number> {
  const reservation = await take(api, ms);
  return reservation.kind === 'full' ? Number.NaN : reservation.intervalMs;
}

it('lets a burst through at once, then one request each interval', async () => {
  const waits: number[] = [];
  for (let request = 0; request < 5; request += 1) waits.push(await wait('burst', 0));
  expect(waits).toEqual([0, 0, 100, 200, 300]);
  expect(await wait('burst', 10_000)).toBe(0);
});

it('gives requests that are made at the same time slots of their own', async () => {
  const waits = await Promise.all(Array.from({ length: 6 }, () => wait('shared', 0)));
  expect(waits.toSorted((a, b) => a - b)).toEqual([0, 0, 100, 200, 300, 400]);
});

it('takes as many slots as are asked for, and says how far apart they are', async () => {
  expect(await take('many', 0, 20)).toEqual({ kind: 'taken', waitMs: -100, intervalMs: 100 });
  expect(await wait('many', 0)).toBe(1_900);
});

it('takes nothing that is not near enough', async () => {
  expect(await take('near', 0, 5, 250)).toMatchObject({ kind: 'taken' });
  expect(await take('near', 0, 1, 250)).toEqual({ kind: 'full', retryMs: 150 });
  expect(await take('near', 150, 1, 250)).toMatchObject({ kind: 'taken', waitMs: 250 });
});

it('stops everybody for exactly as long as the API says', async () => {
  await wait('stopped', 0);
  await slowBudget(ledger, 'stopped', 5_000, 0.5, at(0));
  expect(await take('stopped', 1_000, 1, 0)).toEqual({ kind: 'full', retryMs: 4_000 });
  expect(await take('stopped', 5_000, 1, 0)).toMatchObject({ kind: 'taken', waitMs: 0 });
});

describe('the pace after 429s', () => {
  it('comes down a little after the first, and climbs back to the configured one', async () => {
    await wait('little', 0);
    await slowBudget(ledger, 'little', 0, 0.5, at(0));
    const slow = await interval('little', 0);
    expect(slow).toBeGreaterThan(101);
    expect(slow).toBeLessThan(110);
    const later = await interval('little', 30_000);
    expect(later).toBeGreaterThan(100);
    expect(later).toBeLessThan(slow);
    expect(await interval('little', 90_000)).toBe(100);
    expect(await interval('little', 365 * 86_400_000)).toBe(100);
  });

  it('comes down fast while they go on', async () => {
    await wait('fast', 0);
    for (let second = 0; second < 10; second += 2) await slowBudget(ledger, 'fast', 0, 0.5, at(second * 1_000));
    expect(await interval('fast', 10_000)).toBeGreaterThan(400);
    expect(await interval('fast', 30 * 60_000)).toBe(100);
  });

  it('counts those of requests that were under way together once', async () => {
    await wait('together', 0);
    await slowBudget(ledger, 'together', 0, 0.5, at(0));
    const slow = await interval('together', 0);
    for (let ms = 10; ms < 900; ms += 100) await slowBudget(ledger, 'together', 0, 0.5, at(ms));
    expect(await interval('together', 0)).toBe(slow);
  });

  it('pauses longer and longer, with jitter, when they do not say for how long', async () => {
    await wait('silent', 0);
    const pauseAfter = async (ms: number, jitter: number): Promise<number> => {
      await slowBudget(ledger, 'silent', undefined, jitter, at(ms));
      const reservation = await take('silent', ms, 1, 0);
      return reservation.kind === 'full' ? Math.round(reservation.retryMs) : 0;
    };
    expect(await pauseAfter(0, 0.5)).toBe(1_000);
    expect(await pauseAfter(5_000, 0.5)).toBe(2_000);
    expect(await pauseAfter(10_000, 0)).toBe(2_000);
    expect(await pauseAfter(15_000, 1)).toBe(12_000);
    const pauses: number[] = [];
    let time = 28_000;
    for (let strike = 5; strike <= 9; strike += 1) {
      pauses.push(await pauseAfter(time, 0.5));
      time += (pauses.at(-1) ?? 0) + 1_000;
    }
    expect(pauses).toEqual([16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(await pauseAfter(time + 20_000, 1)).toBe(1_500);
  });
});
