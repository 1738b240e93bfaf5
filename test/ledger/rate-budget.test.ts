import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { blockBudget, reserveSlots, takeFreeSlots } from '../../ledger/rate-budget.ts';
import { openTestLedger } from './test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 24) + ms);
const LIMITS = { perSecond: 10, burst: 2 };

it('lets a burst through at once, then one request each interval', async () => {
  const waits: number[] = [];
  for (let request = 0; request < 5; request += 1) waits.push(await reserveSlots(ledger, 'burst', LIMITS, 1, at(0)));
  expect(waits).toEqual([0, 0, 100, 200, 300]);
  expect(await reserveSlots(ledger, 'burst', LIMITS, 1, at(10_000))).toBe(0);
});

it('gives requests that are made at the same time slots of their own', async () => {
  const waits = await Promise.all(Array.from({ length: 6 }, () => reserveSlots(ledger, 'shared', LIMITS, 1, at(0))));
  expect(waits.toSorted((a, b) => a - b)).toEqual([0, 0, 100, 200, 300, 400]);
});

it('takes as many slots as a request counts for', async () => {
  expect(await reserveSlots(ledger, 'weighed', LIMITS, 20, at(0))).toBe(0);
  expect(await reserveSlots(ledger, 'weighed', LIMITS, 1, at(0))).toBe(1_900);
});

it('stops everybody for as long as the API says', async () => {
  await reserveSlots(ledger, 'blocked', LIMITS, 1, at(0));
  await blockBudget(ledger, 'blocked', at(5_000));
  expect(await reserveSlots(ledger, 'blocked', LIMITS, 1, at(1_000))).toBe(4_000);
});

it('lets those who can wait take what is free, and never stand in line', async () => {
  expect(await takeFreeSlots(ledger, 'patient', LIMITS, 1, at(0))).toBe(0);
  expect(await takeFreeSlots(ledger, 'patient', LIMITS, 1, at(0))).toBe(0);
  expect(await takeFreeSlots(ledger, 'patient', LIMITS, 1, at(0))).toBe(100);
  expect(await reserveSlots(ledger, 'patient', LIMITS, 1, at(0))).toBe(100);
  expect(await takeFreeSlots(ledger, 'patient', LIMITS, 1, at(100))).toBe(100);
  await blockBudget(ledger, 'patient', at(5_000));
  expect(await takeFreeSlots(ledger, 'patient', LIMITS, 1, at(1_000))).toBe(4_000);
});
