import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { MINUTE, startTogether, windowsOf } from './reading-together.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** Queries of a count and a read, by any of them. */
const ONCE = 2;
/** So many rows, counted and read once for each of these windows; a count is answered with a row. */
const once = (rows: number, windows = 1) => ({ queries: windows * ONCE, rowsServed: rows + windows });

describe('three pipelines that read the same', () => {
  test.each([
    [0, 1, 2],
    [2, 0, 1],
  ])('ask for it once, whichever comes first (%i, %i, %i)', async (...order) => {
    const { all, asked, arrive, kept } = await startTogether(ledger, 3);
    arrive(5);
    for (const one of order) expect((await all[one]?.run())?.closed).toMatchObject([{ rows: 5, excluded: 5 }]);
    expect(asked()).toEqual(once(5));
    arrive(2);
    for (const one of all) expect((await one.run()).closed).toMatchObject([{ rows: 2 }]);
    expect(asked()).toEqual(once(7, 2));
    expect(await kept()).toEqual({ slices: 0, rows: 0 });
  });

  test('ask for it once, also when they start at the same moment', async () => {
    const { all, asked, arrive } = await startTogether(ledger, 3, { waitInsideMs: 30_000 });
    arrive(5);
    const runs = await Promise.all(all.map((one) => one.run()));
    expect(runs.map(({ closed }) => closed.map(({ rows }) => rows))).toEqual([[5], [5], [5]]);
    expect(asked()).toEqual(once(5));
  });

  test('begin where the first of them does, however little later they come', async () => {
    const { all, asked, arrive, later } = await startTogether(ledger, 2, {
      settings: { since: (now) => new Date(now.getTime() - 60 * MINUTE) },
    });
    arrive(3);
    for (const one of all) {
      expect((await one.run()).closed).toMatchObject([{ rows: 3 }]);
      later(20_000);
    }
    expect(asked()).toEqual(once(3));
    const [first, second] = await Promise.all(all.map((one) => windowsOf(ledger, one.pipeline)));
    expect(second).toEqual(first);
  });

  test('each exclude by their own lists, and have sums of their own', async () => {
    const { all, asked, arrive } = await startTogether(ledger, 3, {
      own: (one) => ({ exclude: ({ key }) => (key.value === `host${one}.example.com` ? 'expired' : 'revoked') }),
    });
    arrive(3);
    for (const one of all) {
      const [counts] = (await one.run()).closed;
      expect(counts).toMatchObject({ rows: 3, excludedBy: { expired: 1, revoked: 2 } });
      expect(await one.known()).toMatchObject({ indicators: 3, windows: ['done'] });
    }
    expect(asked()).toEqual(once(3));
  });

  test('each keep what cannot be used of it', async () => {
    const { all, asked, sandbox, later } = await startTogether(ledger, 2);
    sandbox.arrive([
      {
        Id: 'whole',
        ObservableKey: 'domain-name:value',
        ObservableValue: 'a.example.com',
        Pattern: "[domain-name:value = 'a.example.com']",
      },
      { Id: 'odd \u0000 \u{1F600} "quoted"', ObservableKey: 'nothing:known', ObservableValue: 'a\u0000b', Pattern: '' },
    ]);
    later(1_000);
    const counts: object[] = [];
    for (const one of all) counts.push(...(await one.run()).closed);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[0]).toMatchObject({ rows: 2, malformed: 1, excluded: 1 });
    for (const one of all) expect(await one.known()).toMatchObject({ quarantined: 1 });
    expect(asked().queries).toBe(ONCE);
  });

  test('ask for each slice of a large window once, and read it in slices when it is too large', async () => {
    const { all, asked, arrive, fault, kept } = await startTogether(ledger, 3, {
      settings: { sliceRows: 10 },
      waitInsideMs: 30_000,
    });
    arrive(60);
    fault({ partialOverRows: 8 });
    const runs = await Promise.all(all.map((one) => one.run()));
    expect(runs.map(({ closed, failures }) => [closed[0]?.rows, failures])).toEqual(all.map(() => [60, []]));
    const [first, ...others] = await Promise.all(all.map((one) => one.slices()));
    for (const slices of others) expect(slices).toEqual(first);
    expect((await kept())?.rows).toBe(0);
    // Each row once, and a part of it from each answer that was cut.
    const alone = await startTogether(ledger, 1, { settings: { sliceRows: 10 } });
    alone.arrive(60);
    alone.fault({ partialOverRows: 8 });
    await alone.all[0]?.run();
    expect(asked()).toEqual(alone.asked());
  });

  test('read what was published again once, and find nothing new in it', async () => {
    const { all, asked, arrive } = await startTogether(ledger, 2);
    arrive(4);
    for (const one of all) await one.run();
    arrive(4);
    for (const one of all) expect((await one.run()).closed).toMatchObject([{ rows: 4, new: 0, changed: 0 }]);
    expect(asked()).toEqual(once(8, 2));
  });

  test('share a backfill of the same stretch that they are at work on at once', async () => {
    const { all, asked, arrive, later } = await startTogether(ledger, 2, {
      waitInsideMs: 30_000,
      instead: (one, reader) => ({
        async count(...of) {
          const other = all[1 - one]?.pipeline ?? expect.fail();
          await expect.poll(() => windowsOf(ledger, other), { timeout: 30_000 }).toHaveLength(1);
          return reader.count(...of);
        },
      }),
    });
    later(-150 * MINUTE);
    arrive(3);
    later(150 * MINUTE);
    const runs = await Promise.all(all.map((one) => one.backfill()));
    expect(runs.map(({ closed }) => closed[0]?.rows)).toEqual([3, 3]);
    expect(asked()).toEqual(once(3));
  });
});

describe('they read by themselves', () => {
  test.each([
    ['with another filter', { sourceSystems: ['Another'] }],
    ['of another table', { table: 'ThreatIntelligenceIndicator' as const }],
  ])('what they read %s', async (_how, own) => {
    const { all, asked, arrive } = await startTogether(ledger, 2, {
      own: (one, source) => (one === 0 ? {} : { source: { ...source, ...own } }),
    });
    arrive(3);
    expect((await all[0]?.run())?.closed).toMatchObject([{ rows: 3 }]);
    expect(asked().queries).toBe(ONCE);
    await all[1]?.run();
    expect(asked().queries).toBeGreaterThan(ONCE);
  });

  test('whoever is far behind, and is with the others again from the next run on', async () => {
    const { all, asked, arrive, later } = await startTogether(ledger, 2);
    const [often, seldom] = all;
    arrive(1);
    await often?.run();
    await seldom?.run();
    for (let run = 0; run < 12; run += 1) {
      later(15 * MINUTE);
      arrive(1);
      await often?.run();
    }
    const before = asked();
    // The newest version of the row.
    expect((await seldom?.run())?.closed).toMatchObject([{ rows: 1 }]);
    expect(asked().queries - before.queries).toBe(ONCE);
    for (const expected of [2 * ONCE, ONCE]) {
      later(15 * MINUTE);
      arrive(1);
      const start = asked().queries;
      await often?.run();
      await seldom?.run();
      expect(asked().queries - start).toBeLessThanOrEqual(expected);
    }
    const [one, other] = await Promise.all([often?.known(), seldom?.known()]);
    expect(new Set([...(one?.windows ?? []), ...(other?.windows ?? [])])).toEqual(new Set(['done']));
  });

  test('a pipeline that is added later, as far as it goes back', async () => {
    const { all, asked, arrive, later } = await startTogether(ledger, 2, {
      own: (one) => (one === 0 ? {} : { since: (now) => new Date(now.getTime() - 30 * MINUTE) }),
    });
    const [first, added] = all;
    arrive(2);
    await first?.run();
    later(10 * MINUTE);
    expect((await added?.run())?.closed.reduce((sum, { rows }) => sum + rows, 0)).toBe(2);
    later(10 * MINUTE);
    arrive(3);
    const before = asked().queries;
    for (const one of all) expect((await one.run()).closed.at(-1)).toMatchObject({ rows: 3 });
    expect(asked().queries - before).toBeLessThanOrEqual(2 * ONCE);
  });
});
