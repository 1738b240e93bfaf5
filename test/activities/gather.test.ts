import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { redeliver } from '../../ledger/redeliver.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { rowOf, rowsOf, startOrdering } from './ordering.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ ledger, close } = await openTestLedger());
});
afterAll(() => close());

const HOUR = 3_600_000;
const REASON = 'gathered: waits until enough indicators can share a request';

function startGathering(settings: Parameters<typeof startOrdering>[1] = {}) {
  const ordering = startOrdering(ledger, { gatherMs: 6 * HOUR, fullLoad: 4, ...settings });
  return {
    ...ordering,
    /** Reads rows in a window of their own, up to its batches. */
    bring: async (rows: Parameters<typeof ordering.read>[1], kind: Parameters<typeof ordering.window>[0] = 'live') => {
      const windowId = await ordering.window(kind);
      await ordering.read(windowId, rows);
      await ordering.score(windowId);
      await ordering.order(windowId);
      return windowId;
    },
  };
}

test('too few of one key are held back: they are pending with that reason, and let the window close', async () => {
  const { bring, batches, list } = startGathering();
  const windowId = await bring([...rowsOf('a', 3), ...rowsOf('b', 4)]);
  expect(await batches(windowId)).toEqual(['b b b b']);
  const due = '2026-11-24T18:00:00.000Z';
  expect(await list()).toEqual(
    ['a0', 'a1', 'a2'].map((name) => ({ value: `${name}.example.com`, reason: REASON, due })),
  );
  expect(await windowCounts(ledger, windowId)).toMatchObject({ pending: 7, setAside: 3, batches: 1 });
});

test('once there are enough, all that was gathered of that key joins the window, and nothing else', async () => {
  const { bring, batches, list, later } = startGathering();
  await bring([...rowsOf('a', 2), ...rowsOf('b', 1)]);
  later(HOUR);
  expect(await batches(await bring(rowsOf('a', 1, 2)))).toEqual([]);
  later(HOUR);
  const last = await bring(rowsOf('a', 2, 3));
  expect(await batches(last)).toEqual(['a a a a a']);
  expect((await list()).map(({ value }) => value)).toEqual(['b0.example.com']);
  expect(await windowCounts(ledger, last)).toMatchObject({ new: 2, pending: 2, setAside: 0, besides: { pending: 3 } });
});

test('all of a key are due when the first of them is, and then they go, with what comes with them', async () => {
  const { bring, batches, list, later } = startGathering();
  await bring(rowsOf('a', 1));
  later(5 * HOUR);
  await bring(rowsOf('a', 1, 1));
  expect(new Set((await list()).map(({ due }) => due))).toEqual(new Set(['2026-11-24T18:00:00.000Z']));
  later(HOUR);
  expect(await batches(await bring(rowsOf('a', 1, 2)))).toEqual(['a a a']);
  expect(await list()).toEqual([]);
});

test('what changes while it is gathered waits no longer for that', async () => {
  const { bring, batches, list, later } = startGathering();
  await bring([rowOf('a', 'a0.example.com')]);
  later(4 * HOUR);
  const second = await bring([rowOf('a', 'a0.example.com', 90, 2)]);
  expect(await batches(second)).toEqual([]);
  expect(await list()).toEqual([{ value: 'a0.example.com', reason: REASON, due: '2026-11-24T18:00:00.000Z' }]);
  later(2 * HOUR);
  expect(await batches(await bring([rowOf('a', 'a0.example.com', 95, 3)]))).toEqual(['a']);
  expect(await list()).toEqual([]);
});

test('what is held since it was gathered is gathered no more', async () => {
  const { bring, batches, list } = startGathering();
  await bring(rowsOf('a', 3));
  await bring([rowOf('a', 'a0.example.com', 10, 2)]);
  expect((await list()).map(({ value }) => value)).toEqual(['a1.example.com', 'a2.example.com']);
  expect(await batches(await bring(rowsOf('a', 1, 3)))).toEqual([]);
});

test('what the destination holds already is not held back', async () => {
  const { window, read, bring, batches, hold } = startGathering();
  const first = await window();
  await read(first, [rowOf('a', 'a0.example.com')]);
  await hold('a0.example.com');
  expect(await batches(await bring([rowOf('a', 'a0.example.com', 90, 2)]))).toEqual(['a']);
});

test('what comes back by the id that it has at the destination is not held back', async () => {
  const { name, window, read, bring, batches } = startGathering();
  await read(await window(), [rowOf('a', 'a0.example.com')]);
  await sql`insert into deliveries (indicator_id, state, remote_id, changed_at)
    select id, 'retracted', '1000001', now() from indicators where pipeline = ${name}`.execute(ledger);
  expect(await batches(await bring([rowOf('a', 'a0.example.com', 90, 2)]))).toEqual(['a']);
});

test('what ends while it is gathered is not brought, neither with enough of its kind nor when it is due', async () => {
  const { bring, batches, list, later, name } = startGathering();
  const ends = (value: string) => {
    const row = rowOf('a', value);
    return { ...row, facts: { ...row.facts, validUntil: '2026-11-24T14:00:00.0000000Z' } };
  };
  await bring([ends('a0.example.com'), ...rowsOf('a', 1, 1), ...rowsOf('b', 1)]);
  later(HOUR);
  expect(await batches(await bring(rowsOf('a', 2, 2)))).toEqual(['a a a a']);
  await bring([ends('a4.example.com'), ...rowsOf('a', 1, 5)]);
  later(2 * HOUR);
  expect(await batches(await bring(rowsOf('a', 2, 6)))).toEqual([]);
  expect((await list()).map(({ value }) => value)).toEqual(['a5', 'a6', 'a7', 'b0'].map((one) => `${one}.example.com`));
  later(4 * HOUR);
  expect(await batches(await bring([]))).toEqual(['a a a b']);
  const { rows } = await sql`select value, exclusion from indicators
    where pipeline = ${name} and exclusion is not null`.execute(ledger);
  expect(rows).toEqual([{ value: 'a4.example.com', exclusion: 'expired' }]);
});

test('what is revoked while it is gathered is gathered no more', async () => {
  const { bring, batches, list } = startGathering();
  await bring(rowsOf('a', 3));
  const revoked = rowOf('a', 'a0.example.com', 80, 2);
  await bring([{ ...revoked, facts: { ...revoked.facts, ended: 'revoked' } }]);
  expect((await list()).map(({ value }) => value)).toEqual(['a1.example.com', 'a2.example.com']);
  expect(await batches(await bring(rowsOf('a', 2, 3)))).toEqual(['a a a a']);
});

test.each([
  ['a backfill gathers nothing', {}, 'backfill'],
  ['nor does a pipeline that is not told to', { gatherMs: 0 }, 'live'],
] as const)('%s', async (_, settings, kind) => {
  const { bring, batches, list } = startGathering(settings);
  expect(await batches(await bring(rowsOf('a', 1), kind))).toEqual(['a']);
  expect(await list()).toEqual([]);
});

test('what is gathered goes with the next run where nothing is gathered any more', async () => {
  const { name, bring, batches, list, parts } = startGathering();
  await bring(rowsOf('a', 2));
  Object.assign(parts.pipeline(name), { gatherMs: 0 });
  expect(await batches(await bring([]))).toEqual(['a a']);
  expect(await list()).toEqual([]);
});

test('a person sends what is gathered at once', async () => {
  const { name, bring, batches, list, parts } = startGathering();
  await bring(rowsOf('a', 2));
  const asked = { pipeline: name, rejected: false, setAside: true, windowId: null, now: parts.now() };
  expect(await redeliver(ledger, asked)).toEqual({ rejected: 0, setAside: 2 });
  expect(await batches(await bring([]))).toEqual(['a a']);
  expect(await list()).toEqual([]);
});

test('a destination that does not say what a full request is has one of a batch', async () => {
  const { bring, batches } = startGathering({ batchSize: 3, fullLoad: undefined });
  await bring(rowsOf('a', 2));
  expect(await batches(await bring(rowsOf('a', 1, 2)))).toEqual(['a a a']);
});
