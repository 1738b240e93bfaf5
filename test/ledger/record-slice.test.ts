import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SliceCounts } from '../../indicators/counts.ts';
import { createEntryBehind, createExclusion } from '../../indicators/exclusion.ts';
import type { Indicator, Observation } from '../../indicators/indicator.ts';
import type { ExclusionReason } from '../../indicators/policy.ts';
import { formBatches, openBatches } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { planWindows } from '../../ledger/windows.ts';
import { POLICY } from '../indicators/arbitraries.ts';
import { listOf } from '../indicators/list-of.ts';
import { observation } from './observation.ts';
import { RUN } from './run.ts';
import { openTestLedger } from './test-ledger.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

let hour = 0;
async function newWindow(pipeline: string): Promise<number> {
  hour += 1;
  const from = new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const to = new Date(Date.UTC(2026, 0, 1, hour + 1)).toISOString();
  const { windows } = await planWindows(ledger, {
    pipeline,
    kind: 'live',
    owner: RUN,
    span: { from, to },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 1,
    now: NOW,
  });
  const [window] = windows;
  if (window === undefined) throw new Error('no window was planned');
  return window.id;
}

async function record(
  pipeline: string,
  windowId: number,
  observations: readonly Observation[],
  slice = '0/1',
  exclude: (indicator: Indicator) => ExclusionReason | null = ({ facts }) => facts.ended,
): Promise<SliceCounts> {
  return recordSlice(ledger, {
    pipeline,
    windowId,
    slice,
    observations,
    malformed: [],
    exclude,
    now: NOW,
  });
}

describe('recording a slice', () => {
  it('counts each row once: new, then unchanged, then changed', async () => {
    const first = await record('counts', await newWindow('counts'), [observation('a.com'), observation('b.com')]);
    expect(first).toMatchObject({ rows: 2, new: 2, changed: 0, unchanged: 0, merged: 0 });
    const again = await record('counts', await newWindow('counts'), [
      observation('a.com', { time: '2026-11-08T00:00:00.0000000Z' }),
      observation('b.com', { time: '2026-11-08T00:00:00.0000000Z', facts: { confidence: 90 } }),
    ]);
    expect(again).toMatchObject({ rows: 2, new: 0, changed: 1, unchanged: 1 });
  });

  describe('when the settings have changed since a row was read', () => {
    const row = (time: number) => observation('a.com', { time: `2026-11-0${time}T00:00:00.0000000Z` });
    const read = async (pipeline: string, time: number, reason: ExclusionReason | null) =>
      record(pipeline, await newWindow(pipeline), [row(time)], '0/1', () => reason);

    it.each(['above-tlp-ceiling', 'listed-domain', 'listed-threat', 'on-warning-list', 'empty-content'] as const)(
      'finds what they no longer exclude as %s',
      async (reason) => {
        const pipeline = `no longer ${reason}`;
        expect(await read(pipeline, 1, reason)).toMatchObject({ excluded: 1 });
        expect(await read(pipeline, 2, reason)).toMatchObject({ excluded: 1, excludedBy: { [reason]: 1 } });
        expect(await read(pipeline, 3, null)).toMatchObject({ changed: 1, excluded: 0 });
        expect(await read(pipeline, 4, null)).toMatchObject({ unchanged: 1 });
      },
    );

    it('finds what they exclude now, and leaves alone what only time has ended', async () => {
      expect(await read('now', 1, null)).toMatchObject({ new: 1 });
      expect(await read('now', 2, 'expired')).toMatchObject({ unchanged: 1 });
      expect(await read('now', 3, 'listed-cidr')).toMatchObject({ excluded: 1, excludedBy: { 'listed-cidr': 1 } });
    });
  });

  it('keeps where the entry stands that excludes an indicator, for as long as it does', async () => {
    const exclude = createExclusion(POLICY, () => [listOf('tags', 'noise')]);
    const noisy = (id: string, day: number, tags: readonly string[]) =>
      observation('noisy.com', { id, time: `2026-11-0${day}T00:00:00.0000000Z`, facts: { tags } });
    const read = async (...observations: readonly Observation[]) =>
      recordSlice(ledger, {
        pipeline: 'noise',
        windowId: await newWindow('noise'),
        slice: '0/1',
        observations,
        malformed: [],
        exclude,
        entryBehind: createEntryBehind(() => [listOf('tags', 'noise')]),
        now: NOW,
      });
    const stored = () =>
      ledger
        .selectFrom('indicators')
        .select(['exclusion', 'exclusion_entry'])
        .where('pipeline', '=', 'noise')
        .executeTakeFirst();

    expect(await read(noisy('1', 1, []))).toMatchObject({ new: 1 });
    // Another of its rows has the tag: it is of the whole indicator.
    expect(await read(noisy('2', 1, ['Noise']))).toMatchObject({ excluded: 1, excludedBy: { 'listed-tag': 1 } });
    expect(await stored()).toEqual({ exclusion: 'listed-tag', exclusion_entry: 'entry 0' });
    expect(await read(noisy('1', 2, []))).toMatchObject({ excluded: 1, excludedBy: { 'listed-tag': 1 } });
    expect(await read(noisy('2', 3, ['quiet']))).toMatchObject({ changed: 1, excluded: 0 });
    expect(await stored()).toEqual({ exclusion: null, exclusion_entry: null });
  });

  it('recorded twice, changes nothing and gives the first counts', async () => {
    const window = await newWindow('twice');
    const first = await record('twice', window, [observation('a.com')]);
    expect(await record('twice', window, [observation('a.com'), observation('b.com')])).toEqual(first);
  });

  it('merges rows of one indicator, in one slice and over slices of one window', async () => {
    const window = await newWindow('merging');
    const first = await record('merging', window, [
      observation('a.com', { id: '1' }),
      observation('a.com', { id: '2' }),
    ]);
    expect(first).toMatchObject({ rows: 2, new: 1, merged: 1 });
    const other = await record(
      'merging',
      window,
      [observation('a.com', { id: '3', facts: { confidence: 99 } })],
      '1/2',
    );
    expect(other).toMatchObject({ rows: 1, new: 0, changed: 0, merged: 1 });
    const [indicator] = await ledger.selectFrom('indicators').selectAll().where('pipeline', '=', 'merging').execute();
    expect(indicator?.facts?.confidence).toBe(99);
    expect(await formBatches(ledger, window, 1_000)).toBe(1);
    expect(await openBatches(ledger, window, 0, 10)).toEqual([{ batch: 1, items: 1 }]);
  });

  it('lets the newest row win, in whatever order they are read', async () => {
    await record('newest', await newWindow('newest'), [observation('a.com', { time: '2026-11-02T00:00:00.0000000Z' })]);
    const republished = observation('a.com', { time: '2026-11-09T00:00:00.0000000Z' });
    await record('newest', await newWindow('newest'), [republished]);
    const late = observation('a.com', { time: '2026-11-05T00:00:00.0000000Z', facts: { confidence: 1 } });
    expect(await record('newest', await newWindow('newest'), [late])).toMatchObject({ unchanged: 1, changed: 0 });
    const newer = observation('a.com', { time: '2026-11-10T00:00:00.0000000Z', facts: { confidence: 1 } });
    expect(await record('newest', await newWindow('newest'), [newer])).toMatchObject({ changed: 1 });
  });

  it('ends an indicator only with the last of its rows', async () => {
    await record('ending', await newWindow('ending'), [
      observation('a.com', { id: '1' }),
      observation('a.com', { id: '2' }),
    ]);
    const time = '2026-11-09T00:00:00.0000000Z';
    const one = observation('a.com', { id: '1', time, facts: { ended: 'revoked' } });
    expect(await record('ending', await newWindow('ending'), [one])).toMatchObject({ excluded: 0, unchanged: 1 });
    const both = observation('a.com', { id: '2', time, facts: { ended: 'revoked' } });
    expect(await record('ending', await newWindow('ending'), [both])).toMatchObject({
      excluded: 1,
      excludedBy: { revoked: 1 },
    });
  });

  it('drops an observable that an edited row no longer names', async () => {
    const before = { id: '1', modified: '2026-11-01T00:00:00.0000000Z', time: '2026-11-01T00:00:00.0000000Z' };
    const after = { id: '1', modified: '2026-11-02T00:00:00.0000000Z', time: '2026-11-02T00:00:00.0000000Z' };
    await record('edited', await newWindow('edited'), [observation('a.com', before), observation('b.com', before)]);
    await record('edited', await newWindow('edited'), [observation('a.com', after)]);
    const rows = await ledger
      .selectFrom('indicators')
      .select(['value', 'exclusion'])
      .where('pipeline', '=', 'edited')
      .execute();
    expect(Object.fromEntries(rows.map(({ value, exclusion }) => [value, exclusion]))).toEqual({
      'a.com': null,
      'b.com': 'deleted',
    });
  });

  it('keeps pipelines apart', async () => {
    await record('one', await newWindow('one'), [observation('a.com')]);
    expect(await record('two', await newWindow('two'), [observation('a.com')])).toMatchObject({ new: 1 });
  });
});
