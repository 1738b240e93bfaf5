import { afterAll, beforeAll, expect, test } from 'vitest';
import { formBatches } from '../../activities/form-batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { rowOf, rowsOf, startOrdering } from './ordering.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ ledger, close } = await openTestLedger());
});
afterAll(() => close());

const times = (key: string, count: number): string => Array.from({ length: count }, () => key).join(' ');

test('what shares a request is in one batch, however it was scored, and a group is spread over no more batches than it fills', async () => {
  const { window, read, score, order, batches } = startOrdering(ledger, { batchSize: 10 });
  const windowId = await window();
  const mixed = [...rowsOf('a', 7), ...rowsOf('b', 6), ...rowsOf('c', 12)];
  await read(
    windowId,
    mixed.toSorted((one, other) => (one.key.value.slice(1) < other.key.value.slice(1) ? -1 : 1)),
  );
  expect(await score(windowId)).toEqual([10, 10, 5]);
  expect(await order(windowId)).toEqual({
    batches: 3,
    open: [
      { batch: 1, items: 7 },
      { batch: 2, items: 10 },
      { batch: 3, items: 8 },
    ],
    lanes: 1,
  });
  expect(await batches(windowId)).toEqual([times('a', 7), `${times('b', 6)} ${times('c', 4)}`, times('c', 8)]);
});

test('the keys of a window that is longer than a page are all known before its batches are cut', async () => {
  const { window, read, score, order, batches } = startOrdering(ledger, { batchSize: 1_000 });
  const windowId = await window();
  const rows = Array.from({ length: 2_500 }, (_, index) => rowOf(index % 5 === 0 ? 'a' : 'b', `${index}.example.com`));
  await read(windowId, rows);
  await score(windowId);
  await order(windowId);
  const sizes = (await batches(windowId)).map((keys) => [keys.split('a').length - 1, keys.split('b').length - 1]);
  expect(sizes).toEqual([
    [500, 0],
    [0, 1_000],
    [0, 1_000],
  ]);
});

test('what needs no delivery is settled before, and what is to be withdrawn comes last', async () => {
  const { window, read, score, order, batches, outcomes, hold } = startOrdering(ledger, { batchSize: 2 });
  const first = await window();
  await read(first, [rowOf('z', 'dropped.example.com'), rowOf('z', 'kept.example.com')]);
  await hold('dropped.example.com', 'kept.example.com');
  const windowId = await window();
  await read(windowId, [
    rowOf('z', 'dropped.example.com', 10, 2),
    rowOf('z', 'kept.example.com', 60, 2),
    rowOf('z', 'low.example.com', 10),
    ...rowsOf('z', 3),
  ]);
  await score(windowId);
  expect(await order(windowId)).toMatchObject({ batches: 2, open: [{ items: 2 }, { items: 2 }] });
  expect(await batches(windowId)).toEqual(['z z', 'z -']);
  expect(await outcomes(windowId)).toEqual({
    'dropped.example.com': null,
    'kept.example.com': 'held',
    'low.example.com': 'held',
    'z0.example.com': null,
    'z1.example.com': null,
    'z2.example.com': null,
  });
  expect(await windowCounts(ledger, windowId)).toMatchObject({ batches: 2, held: 2 });
});

test('a window of which nothing is to be delivered has no batch', async () => {
  const { window, read, score, order } = startOrdering(ledger);
  const windowId = await window();
  await read(windowId, [rowOf('a', 'low.example.com', 10)]);
  await score(windowId);
  expect(await order(windowId)).toEqual({ batches: 0, open: [], lanes: 1 });
  expect(await windowCounts(ledger, windowId)).toMatchObject({ batches: 0, held: 1, pending: 0 });
});

test('what cannot be rendered keeps no other from being ordered', async () => {
  const { window, read, score, order, batches } = startOrdering(ledger, { batchSize: 10 });
  const windowId = await window();
  await read(windowId, [rowOf('', 'unfit.example.com'), ...rowsOf('a', 2)]);
  await score(windowId);
  await order(windowId);
  expect(await batches(windowId)).toEqual([' a a']);
});

test('said twice it is done once, and what is read later is put into further batches', async () => {
  const { window, read, score, order, batches } = startOrdering(ledger, { batchSize: 3 });
  const windowId = await window();
  await read(windowId, [...rowsOf('a', 2), ...rowsOf('b', 2)]);
  expect(await score(windowId)).toEqual([3, 1]);
  const ordered = await order(windowId);
  expect(await order(windowId)).toEqual(ordered);
  await read(windowId, rowsOf('a', 1, 2));
  expect(await score(windowId)).toEqual([1]);
  expect(await order(windowId)).toMatchObject({ batches: 3 });
  expect(await batches(windowId)).toEqual(['a a', 'b b', 'a']);
});

test('a window that an earlier release has put into batches keeps them; what is undecided of it is scored first', async () => {
  const { parts, name, window, read, score, order, batches } = startOrdering(ledger, { batchSize: 2 });
  const windowId = await window();
  await read(windowId, [...rowsOf('a', 1), ...rowsOf('b', 2)]);
  const formed = await formBatches(parts, { pipeline: name, windowId, after: 0, limit: 10 });
  expect(formed).toMatchObject({ batches: 2 });
  expect(await score(windowId)).toEqual([2, 1]);
  await read(windowId, rowsOf('a', 1, 1));
  expect(await score(windowId)).toEqual([1]);
  expect(await order(windowId)).toMatchObject({ batches: 3, open: [{ items: 2 }, { items: 1 }, { items: 1 }] });
  expect((await batches(windowId)).at(-1)).toBe('a');
});

test('a window that was scored before, and goes on with an earlier release, is put into batches there', async () => {
  const { parts, name, window, read, score } = startOrdering(ledger, { batchSize: 2 });
  const windowId = await window();
  await read(windowId, rowsOf('a', 3));
  await score(windowId);
  const formed = await formBatches(parts, { pipeline: name, windowId, after: 0, limit: 10 });
  expect(formed).toMatchObject({ batches: 2, open: [{ items: 2 }, { items: 1 }] });
});
