import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startReading } from './reading.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** One window, however wrong the clock; or several, the last of which have not begun. */
const LENGTHS = [30 * DAY, 120 * MINUTE];

async function rowsOf(run: Promise<{ readonly closed: readonly { readonly rows: number }[] }>): Promise<number> {
  return (await run).closed.reduce((rows, counts) => rows + counts.rows, 0);
}

describe.each(LENGTHS)('with windows of %i ms', (windowMs) => {
  test.each([1_000, 20 * MINUTE, DAY])(
    'a worker whose clock is %i ms ahead closes nothing that is still to come',
    async (aheadMs) => {
      const reading = await startReading(ledger, { windowMs });
      reading.clock.aheadMs = aheadMs;
      reading.arrive(2);
      expect(await rowsOf(reading.run())).toBe(2);
      reading.arrive(3);
      expect(await rowsOf(reading.run())).toBe(3);
      reading.clock.aheadMs = 0;
      reading.arrive(4);
      expect(await rowsOf(reading.run())).toBe(4);
      const { windows } = await reading.known();
      expect(windows).toContain('done');
    },
  );
});

test('a window that has not begun by the clock of the source is left to a later run, which is told why', async () => {
  const reading = await startReading(ledger, { windowMs: 60 * MINUTE });
  reading.clock.aheadMs = DAY;
  reading.arrive(1);
  const { closed, failures } = await reading.run();
  expect(closed).toMatchObject([{ rows: 0 }, { rows: 1 }]);
  expect(failures.length).toBeGreaterThan(20);
  expect(failures[0]).toMatch(
    /has not begun yet by the clock of the source.*ahead of it by 8\d{4} s\. Set the worker's/,
  );
});

test('what is not settled by the clock of the source is left to the next run', async () => {
  const reading = await startReading(ledger, { settleMs: 5 * MINUTE });
  reading.clock.aheadMs = 5 * MINUTE;
  reading.arrive(1);
  expect(await rowsOf(reading.run())).toBe(0);
  reading.later(5 * MINUTE);
  expect(await rowsOf(reading.run())).toBe(1);
});

test('a worker whose clock is behind loses nothing', async () => {
  const reading = await startReading(ledger);
  reading.arrive(2);
  expect(await rowsOf(reading.run())).toBe(2);
  reading.clock.aheadMs = -DAY;
  reading.arrive(3);
  expect(await rowsOf(reading.run())).toBe(0);
  reading.clock.aheadMs = 0;
  expect(await rowsOf(reading.run())).toBe(3);
});

test('a workspace without any data has a clock, too', async () => {
  const reading = await startReading(ledger);
  reading.clock.aheadMs = DAY;
  reading.fault({ noContent: true });
  expect(await rowsOf(reading.run())).toBe(0);
  reading.fault({ noContent: false });
  reading.clock.aheadMs = 0;
  reading.arrive(1);
  expect(await rowsOf(reading.run())).toBe(1);
});
