import { afterAll, beforeAll, expect, test } from 'vitest';
import { wrongSum } from '../../indicators/counts.ts';
import { formBatches } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { redeliver } from '../../ledger/redeliver.ts';
import { takeUpSetAside } from '../../ledger/set-aside.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { edited, startDelivery } from '../delivery/delivery.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const BAD = ['a.example.com', 'b.example.com'];

/** A window with a good indicator and a bad one, which is rejected, and another such one. */
async function start() {
  const delivery = await startDelivery(ledger, 'required', {}, { polls: 0, poison: BAD });
  const bring = (bad: string, good: string) => delivery.bring(edited(1, {}, bad), edited(1, {}, good));
  const first = await bring('a.example.com', 'good.example.com');
  expect(await delivery.finish(first)).toMatchObject({ confirmed: 1, rejected: 1 });
  const second = await bring('b.example.com', 'better.example.com');
  expect(await delivery.finish(second)).toMatchObject({ confirmed: 1, rejected: 1 });
  delivery.setFaults({ poison: [] });
  const mark = (windowId: number | null, what = { rejected: true, setAside: true }) =>
    redeliver(ledger, { pipeline: delivery.name, ...what, windowId, now: delivery.bench.clock.at });
  return { delivery, first, second, mark };
}

test('what was rejected is delivered by the next window, as what no row of it asks for', async () => {
  const { delivery, mark } = await start();
  expect(await mark(null)).toEqual({ rejected: 2, setAside: 0 });
  const third = await delivery.bring(edited(1, {}, 'new.example.com'));
  expect(await delivery.finish(third)).toMatchObject({ confirmed: 3, rejected: 0 });
  const counts = await windowCounts(ledger, third);
  expect(counts).toMatchObject({ new: 1, confirmed: 1, pending: 0, besides: { confirmed: 2 } });
  expect(wrongSum(counts, counts)).toBeNull();
  expect(delivery.counts()).toMatchObject({ holds: 5, duplicates: 0 });
  expect(await mark(null)).toEqual({ rejected: 0, setAside: 0 });
});

test('said twice, it is done once', async () => {
  const { delivery, mark } = await start();
  expect([await mark(null), await mark(null)]).toEqual([
    { rejected: 2, setAside: 0 },
    { rejected: 2, setAside: 0 },
  ]);
  expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 2 });
  expect(delivery.counts()).toMatchObject({ holds: 4, duplicates: 0 });
});

test('of one window only, or of what was set aside only', async () => {
  const { delivery, first, mark } = await start();
  expect(await mark(null, { rejected: false, setAside: true })).toEqual({ rejected: 0, setAside: 0 });
  expect(await mark(first)).toEqual({ rejected: 1, setAside: 0 });
  expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
  expect(await mark(first)).toEqual({ rejected: 0, setAside: 0 });
});

test('what has ended meanwhile is not taken up', async () => {
  const { delivery, mark } = await start();
  await delivery.finish(await delivery.bring(edited(2, { ended: 'revoked' }, 'a.example.com')));
  expect(await mark(null)).toEqual({ rejected: 1, setAside: 0 });
});

test('a window that is run again decides anew what it had rejected itself, and its sums stay right', async () => {
  const { delivery, second, mark } = await start();
  await mark(second);
  await takeUpSetAside(ledger, second, delivery.bench.clock.at);
  expect(await formBatches(ledger, second, 1_000)).toBe(2);
  const counts = await windowCounts(ledger, second);
  expect(counts).toMatchObject({ new: 2, confirmed: 1, rejected: 0, pending: 1, besides: {} });
  expect(wrongSum(counts, counts)).toBeNull();
});
