import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { planWindows } from '../../ledger/windows.ts';
import { observation } from './observation.ts';
import { openTestLedger } from './test-ledger.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

let pipelines = 0;

/** Reads these windows one after the other, in a pipeline of its own; why each value is excluded in the end. */
async function after(windows: readonly (readonly Observation[])[]): Promise<Readonly<Record<string, string | null>>> {
  pipelines += 1;
  const pipeline = `p${pipelines}`;
  const planned = await planWindows(ledger, {
    pipeline,
    kind: 'live',
    span: { from: '2026-11-01T00:00:00Z', to: new Date(Date.UTC(2026, 10, 1, windows.length)).toISOString() },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: windows.length,
    now: NOW,
  });
  for (const [index, observations] of windows.entries()) {
    await recordSlice(ledger, {
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
  return Object.fromEntries(rows.map(({ value, exclusion }) => [value, exclusion]));
}

function said(value: string, modifiedDay: number, day = modifiedDay): Observation {
  const at = (number: number): string => `2026-11-0${number}T00:00:00.0000000Z`;
  return observation(value, { id: '1', modified: at(modifiedDay), time: at(day) });
}

test('an older edit that is read later does not bring back what a newer one dropped', async () => {
  expect(await after([[said('a.com', 2)], [said('a.com', 1), said('b.com', 1)]])).toEqual({
    'a.com': null,
    'b.com': 'deleted',
  });
});

test('what an edit dropped stays dropped when the old row is written once more', async () => {
  expect(
    await after([[said('a.com', 1), said('b.com', 1)], [said('a.com', 2)], [said('a.com', 2, 3), said('b.com', 1, 3)]]),
  ).toEqual({ 'a.com': null, 'b.com': 'deleted' });
});

test('what a later edit names again is back', async () => {
  expect(
    await after([[said('a.com', 1), said('b.com', 1)], [said('a.com', 2)], [said('a.com', 3), said('b.com', 3)]]),
  ).toEqual({ 'a.com': null, 'b.com': null });
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
      expect(await after(shuffled.map((row) => [row]))).toEqual(await after([rows]));
    }),
    { numRuns: 30 },
  );
});
