import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_ROWS, type SliceCounts } from '../../indicators/counts.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { planWindows } from '../../ledger/windows.ts';
import { observation } from './observation.ts';
import { RUN } from './run.ts';
import { openTestLedger } from './test-ledger.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

let pipelines = 0;

interface After {
  /** Why each value is excluded in the end. */
  readonly excluded: Readonly<Record<string, string | null>>;
  /** Of the last window. */
  readonly counts: SliceCounts;
}

/** Reads these windows one after the other, in a pipeline of its own. */
async function after(windows: readonly (readonly Observation[])[]): Promise<After> {
  pipelines += 1;
  const pipeline = `p${pipelines}`;
  const planned = await planWindows(ledger, {
    pipeline,
    kind: 'live',
    owner: RUN,
    span: { from: '2026-11-01T00:00:00Z', to: new Date(Date.UTC(2026, 10, 1, windows.length)).toISOString() },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: windows.length,
    now: NOW,
  });
  let counts = NO_ROWS;
  for (const [index, observations] of windows.entries()) {
    counts = await recordSlice(ledger, {
      pipeline,
      windowId: planned.windows[index]?.id ?? 0,
      slice: '0/1',
      observations,
      malformed: [],
      exclude: ({ facts }) => facts.ended,
      now: NOW,
    });
  }
  const rows = await ledger
    .selectFrom('indicators')
    .select(['value', 'exclusion'])
    .where('pipeline', '=', pipeline)
    .orderBy('value')
    .execute();
  return { excluded: Object.fromEntries(rows.map(({ value, exclusion }) => [value, exclusion])), counts };
}

function said(value: string, modifiedDay: number, day = modifiedDay): Observation {
  const at = (number: number): string => `2026-11-0${number}T00:00:00.0000000Z`;
  return observation(value, { id: '1', modified: at(modifiedDay), time: at(day) });
}

test('an older edit that is read later does not bring back what a newer one dropped', async () => {
  const { excluded, counts } = await after([[said('a.com', 2)], [said('a.com', 1), said('b.com', 1)]]);
  expect(excluded).toEqual({ 'a.com': null, 'b.com': 'deleted' });
  expect(counts).toMatchObject({ rows: 2, unchanged: 1, excludedBy: { deleted: 1 }, new: 0 });
});

test('what only an older edit named, and another row names too, is new once', async () => {
  const other = { ...said('b.com', 1), sourceId: '2' };
  const { excluded, counts } = await after([[said('a.com', 2)], [said('b.com', 1), other]]);
  expect(excluded).toEqual({ 'a.com': null, 'b.com': null });
  expect(counts).toMatchObject({ rows: 2, new: 1, merged: 1, changed: 0, excluded: 0 });
});

test('what an edit dropped stays dropped when the old row is written once more', async () => {
  const { excluded } = await after([
    [said('a.com', 1), said('b.com', 1)],
    [said('a.com', 2)],
    [said('a.com', 2, 3), said('b.com', 1, 3)],
  ]);
  expect(excluded).toEqual({ 'a.com': null, 'b.com': 'deleted' });
});

test('what a later edit names again is back', async () => {
  const { excluded } = await after([
    [said('a.com', 1), said('b.com', 1)],
    [said('a.com', 2)],
    [said('a.com', 3), said('b.com', 3)],
  ]);
  expect(excluded).toEqual({ 'a.com': null, 'b.com': null });
});

const edits = fc
  .array(fc.subarray(['a.com', 'b.com', 'c.com'], { minLength: 1 }), { minLength: 1, maxLength: 5 })
  .map((named) => named.flatMap((values, edit) => values.map((value) => said(value, edit + 1))));

test('the order in which the rows of an Id are read does not matter', async () => {
  const inSomeOrder = edits.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  await fc.assert(
    fc.asyncProperty(inSomeOrder, async ([rows, shuffled]) => {
      expect((await after(shuffled.map((row) => [row]))).excluded).toEqual((await after([rows])).excluded);
    }),
    { numRuns: 30 },
  );
});
