import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerStatus } from '../../activities/answer-status.ts';
import { liftPauses } from '../../activities/lift-pauses.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { slowBudget, takeSlots } from '../../ledger/rate-budget.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { partsWith } from './parts.ts';

const LIMITS = { perSecond: 10, burst: 1 };
const DAY_MS = 86_400_000;
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

it('an API that asked to wait is in the status of the pipelines that ask it, by the name that people see, until it is lifted', async () => {
  const account = { budget: 'ThreatStream ts.example.com as someone', api: 'ThreatStream' };
  const budgets = [{ budget: 'Log Analytics', api: 'Log Analytics' }, account];
  const parts = partsWith(ledger, { name: 'p', budgets });
  const request = { sizes: [1], withinMs: 1_000, answered: 0 };
  const waiting = async () => (await answerStatus(parts, 'p')).waiting;
  await takeSlots(ledger, 'Log Analytics', LIMITS, request);
  expect(await waiting()).toEqual([]);
  await slowBudget(ledger, account.budget, LIMITS, { retryAfterMs: DAY_MS, answered: 0, jitter: 0.5 });
  await slowBudget(ledger, 'another account', LIMITS, { retryAfterMs: DAY_MS, answered: 0, jitter: 0.5 });
  const [paused, ...others] = await waiting();
  expect(others).toEqual([]);
  expect(paused).toMatchObject({ api: 'ThreatStream' });
  expect(Date.parse(paused?.until ?? '')).toBeGreaterThan(Date.now() + DAY_MS / 2);
  expect((await takeSlots(ledger, account.budget, LIMITS, request)).stop).toBe('pause');

  expect(await liftPauses(parts, { pipeline: 'p' })).toBe(1);
  expect(await waiting()).toEqual([]);
  // One request tries it, as after any other pause.
  expect(await takeSlots(ledger, account.budget, LIMITS, request)).toMatchObject({ stop: 'trial' });
  expect((await takeSlots(ledger, 'another account', LIMITS, request)).stop).toBe('pause');
});
