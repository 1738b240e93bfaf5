import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerEstimate } from '../../activities/answer-estimate.ts';
import { answerStatus } from '../../activities/answer-status.ts';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { BEGUN, startReading } from './reading.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe('a service that times out for a while', () => {
  test.each([1, 40])('costs none of %i rows, when it is the query that reads them once', async (rows) => {
    const reading = await startReading(ledger);
    reading.arrive(rows);
    reading.fault({ first504: 1, timeoutsOf: 'rows' });
    expect(await reading.run()).toMatchObject({ closed: [{ rows, excluded: rows, malformed: 0 }], failures: [] });
    expect(await reading.known()).toEqual({ indicators: rows, quarantined: 0, windows: ['done'] });
  });

  test('costs no row when it is every query, for many tries', async () => {
    const reading = await startReading(ledger);
    reading.arrive(40);
    reading.fault({ everyNth504: 1 });
    const ended = await reading.run((tries) => {
      if (tries === 20) reading.fault({ everyNth504: 0 });
    });
    expect(ended).toMatchObject({ closed: [{ rows: 40, excluded: 40, malformed: 0 }], failures: [], tries: 20 });
    expect(await reading.known()).toEqual({ indicators: 40, quarantined: 0, windows: ['done'] });
  });

  test('is asked again when it is the count', async () => {
    const reading = await startReading(ledger);
    reading.arrive(3);
    reading.fault({ first504: 3, timeoutsOf: 'counts' });
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 3, excluded: 3 }], failures: [] });
  });
});

const HOUR = 3_600_000;

describe('what times out again and again while all else is answered', () => {
  test('is asked for in halves; a row that does so by itself is set aside and listed, and later runs read it until they have it', async () => {
    const reading = await startReading(ledger);
    const [bad = ''] = reading.arrive(5);
    reading.fault({ timeoutValues: [bad] });
    const first = await reading.run();
    expect(first).toMatchObject({ closed: [{ rows: 4, excluded: 4, malformed: 0, unread: 1 }], failures: [] });
    // Each slice, down to that of the row alone, was asked for three times at least.
    expect(first.tries).toBeGreaterThanOrEqual(3);
    expect(await reading.known()).toEqual({ indicators: 4, quarantined: 0, windows: ['done'] });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({
      quarantined: 0,
      unreadSlices: 1,
      unread: [{ reason: expect.stringContaining('504'), tries: 3 }],
    });

    reading.later(HOUR);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 0, unread: 0 }], failures: [], tries: 0 });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unread: [{ tries: 4 }] });

    reading.fault({ timeoutValues: [] });
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 0 }] });
    reading.later(HOUR);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 1, excluded: 1, malformed: 0 }], failures: [] });
    expect(await reading.known()).toMatchObject({ indicators: 5, quarantined: 0 });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unreadSlices: 0, unread: [] });
  });

  test('is not even halved while nothing else is answered, for a day', async () => {
    const reading = await startReading(ledger);
    reading.arrive(1);
    reading.fault({ everyNth504: 1 });
    const ended = await reading.run((tries) => {
      reading.later(HOUR);
      if (tries === 24) throw new Error('A day has passed.');
    });
    expect(ended).toMatchObject({ closed: [], failures: ['A day has passed.'] });
    expect(await reading.known()).toEqual({ indicators: 0, quarantined: 0, windows: ['failed'] });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unreadSlices: 0 });
    reading.fault({ everyNth504: 0 });
    const { closed } = await reading.run();
    expect(closed.reduce((rows, counts) => rows + counts.rows, 0)).toBe(1);
    expect(await reading.known()).toMatchObject({ indicators: 1, quarantined: 0 });
  });

  test('is not even halved while nothing else is answered once its window was counted, for a day', async () => {
    const reading = await startReading(ledger);
    reading.arrive(2);
    reading.fault({ everyNth504: 1, timeoutsOf: 'rows' });
    const ended = await reading.run((tries) => {
      reading.fault({ timeoutsOf: 'all' });
      reading.later(HOUR);
      if (tries === 24) reading.fault({ everyNth504: 0 });
    });
    expect(ended).toMatchObject({ closed: [{ rows: 2, unread: 0 }], failures: [], tries: 24 });
    expect(await reading.slices()).toEqual([expect.stringMatching(/^0\/1@/)]);
  });

  test('is halved when it cannot be counted either, while something else can', async () => {
    const late = new Fault('Unavailable', 'It was not done in its time.', { timedOut: true });
    const isWhole = (part: object): boolean => 'buckets' in part && part.buckets === 1;
    const reading = await startReading(ledger, {}, (reader) => ({
      count: async (source, part, signal) => {
        if (isWhole(part)) throw late;
        return reader.count(source, part, signal);
      },
      read: async (source, slice, signal) => {
        if (isWhole(slice)) throw late;
        return reader.read(source, slice, signal);
      },
    }));
    reading.arrive(6);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 6, excluded: 6, unread: 0 }], failures: [] });
    expect((await reading.slices()).map((name) => name.split('@')[0])).toEqual(['0/2', '1/2']);
  });

  test('is read without having been counted when it is the count', async () => {
    const reading = await startReading(ledger, {}, (reader) => ({
      count: async (source, part, signal) => {
        const isLong = Date.parse(part.to) - Date.parse(part.from) > 1;
        if (isLong) throw new Fault('Unavailable', 'The count was not done in its time.', { timedOut: true });
        return reader.count(source, part, signal);
      },
    }));
    reading.arrive(3);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 3, excluded: 3 }], failures: [] });
    expect(await reading.known()).toMatchObject({ indicators: 3, windows: ['done'] });
  });
});

describe('an estimate that times out', () => {
  const span = (hours: number) => ({
    from: new Date(BEGUN - hours * HOUR).toISOString(),
    to: new Date(BEGUN + HOUR).toISOString(),
  });

  test('is made of parts', async () => {
    const reading = await startReading(ledger);
    reading.arrive(7);
    reading.fault({ first504: 3 });
    const { name } = reading.pipeline;
    expect(await reading.step(() => answerEstimate(reading.parts, name, span(24 * 90), null))).toMatchObject({
      rows: 7,
      // What arrives here is excluded.
      hosts: 0,
    });
  });

  test('is asked for again when it is of no more than a window', async () => {
    const reading = await startReading(ledger);
    reading.fault({ first504: 1 });
    const { name } = reading.pipeline;
    await expect(reading.step(() => answerEstimate(reading.parts, name, span(1), null))).rejects.toMatchObject({
      kind: 'Unavailable',
    });
  });
});

describe('a row that is too large for one answer by itself', () => {
  test('is no malformed row: it is set aside, and read once it fits', async () => {
    const reading = await startReading(ledger);
    reading.arrive(2);
    reading.fault({ partialOverBytes: 200 });
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 0, malformed: 0, unread: 2 }], failures: [] });
    expect(await reading.known()).toEqual({ indicators: 0, quarantined: 0, windows: ['done'] });
    reading.fault({ partialOverBytes: 64_000_000 });
    reading.later(HOUR);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 2, excluded: 2, unread: 0 }] });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unreadSlices: 0 });
  });
});

describe('what was set aside', () => {
  test('is read by the next run when the one that had taken it up could not', async () => {
    let refused = 0;
    const reading = await startReading(ledger, {}, (reader) => ({
      read: async (source, slice, signal) => {
        if (refused === 1) throw new Fault('Refused', 'Not now.');
        return reader.read(source, slice, signal);
      },
    }));
    const [bad = ''] = reading.arrive(1);
    reading.fault({ timeoutValues: [bad] });
    expect(await reading.run()).toMatchObject({ closed: [{ unread: 1 }] });
    reading.later(HOUR);
    reading.fault({ timeoutValues: [] });
    refused = 1;
    expect(await reading.run()).toMatchObject({ closed: [], failures: ['Not now.'] });
    refused = 2;
    const { closed } = await reading.run();
    expect(closed.reduce((rows, counts) => rows + counts.rows, 0)).toBe(1);
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unreadSlices: 0 });
  });

  test('is left alone by a backfill', async () => {
    const reading = await startReading(ledger);
    const [bad = ''] = reading.arrive(1);
    reading.fault({ timeoutValues: [bad] });
    await reading.run();
    reading.later(HOUR);
    reading.fault({ timeoutValues: [] });
    expect(await reading.backfill()).toMatchObject({ closed: [{ rows: 0 }] });
    expect(await answerStatus(reading.parts, reading.pipeline.name)).toMatchObject({ unreadSlices: 1 });
  });
});
