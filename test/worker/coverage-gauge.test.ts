import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { closeWindow, planWindows } from '../../ledger/windows.ts';
import { coverageGauge } from '../../worker/coverage-gauge.ts';
import { RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

const HOUR_MS = 3_600_000;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const at = (hours: number): Date => new Date(BEGIN + hours * HOUR_MS);

/** Plans windows of six hours; their ids, oldest first. */
async function plan(pipeline: string, from: number, to: number, kind: 'live' | 'backfill' = 'live') {
  const { windows } = await planWindows(ledger, {
    pipeline,
    kind,
    owner: RUN,
    span: { from: at(from).toISOString(), to: at(to).toISOString() },
    windowMs: 6 * HOUR_MS,
    overlapMs: 0,
    limit: 1_000,
    now: at(to),
  });
  return windows.map(({ id }) => id);
}

async function done(...ids: readonly (number | undefined)[]): Promise<void> {
  for (const id of ids) await closeWindow(ledger, id ?? 0, 0, at(0));
}

test('before the first run, the lag is what there is to cover', async () => {
  const gauge = coverageGauge(ledger, 'new', (now) => new Date(now.getTime() - 24 * HOUR_MS));
  expect(await gauge(at(100))).toEqual({ lagSeconds: 24 * 3_600, gaps: 0 });
});

test('the lag is counted from the first hole, and a hole that was overtaken is a gap', async () => {
  const gauge = coverageGauge(ledger, 'live', () => at(0));
  const [first, second, third, fourth] = await plan('live', 0, 24);
  await done(first);
  expect(await gauge(at(25))).toEqual({ lagSeconds: 19 * 3_600, gaps: 0 });
  await done(third);
  expect(await gauge(at(25))).toEqual({ lagSeconds: 19 * 3_600, gaps: 1 });
  await done(second);
  expect(await gauge(at(26))).toEqual({ lagSeconds: 8 * 3_600, gaps: 0 });
  await done(fourth);
  expect(await gauge(at(26))).toEqual({ lagSeconds: 2 * 3_600, gaps: 0 });
  expect(await coverageGauge(ledger, 'live', () => at(0))(at(26))).toEqual({ lagSeconds: 2 * 3_600, gaps: 0 });
});

test('a backfill before live coverage began is no part of it', async () => {
  await done(...(await plan('both', 100, 112)));
  await plan('both', 0, 12, 'backfill');
  expect(await coverageGauge(ledger, 'both', () => at(0))(at(113))).toEqual({ lagSeconds: 3_600, gaps: 0 });
});

test('months of windows are looked through, and a hole across a step is one', async () => {
  const hours = 90 * 24;
  const ids = await plan('months', 0, hours);
  const step = 30 * 4;
  await done(...ids.filter((_, index) => index !== step - 1 && index !== step));
  expect(await coverageGauge(ledger, 'months', () => at(0))(at(hours + 1))).toEqual({
    lagSeconds: (hours + 1 - (30 * 24 - 6)) * 3_600,
    gaps: 1,
  });
});
