import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { BEGUN } from './reading.ts';
import { MINUTE, startTogether, windowsOf } from './reading-together.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const HOUR = 60 * MINUTE;
/** Queries of a count and a read. */
const ONCE = 2;
const SOON = { timeout: 30_000, interval: 20 };

/** A door that stays shut until it is opened, and knows who stands before it. */
function door() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let waiting = 0;
  return {
    open: () => open(),
    waiting: () => waiting,
    async through(): Promise<void> {
      waiting += 1;
      await opened;
    },
  };
}

/** As if nothing had been heard of whoever reads for long. */
async function letReadingRunOut(): Promise<void> {
  await sql`update kept_answers set leased_until = now() - interval '1 second' where state = 'reading'`.execute(ledger);
}

const rowsOf = (runs: readonly { readonly closed: readonly { readonly rows: number }[] }[]) =>
  runs.map(({ closed }) => closed.reduce((sum, { rows }) => sum + rows, 0));

describe('when whoever reads', () => {
  test('is slow, the others wait, and go on with what it was given', async () => {
    const slow = door();
    const { all, asked, arrive } = await startTogether(ledger, 2, {
      waitInsideMs: 30_000,
      // Whichever of them it is.
      instead: (_, reader) => ({
        async read(...of) {
          await slow.through();
          return reader.read(...of);
        },
      }),
    });
    arrive(4);
    const [first, second] = all.map((one) => one.run());
    await expect.poll(slow.waiting, SOON).toBe(1);
    await expect.poll(() => ledger.selectFrom('kept_answers').select('state').execute(), SOON).toHaveLength(2);
    slow.open();
    expect(rowsOf(await Promise.all([first ?? expect.fail(), second ?? expect.fail()]))).toEqual([4, 4]);
    expect(asked().queries).toBe(ONCE);
  });

  test('dies in the middle, the next one reads, and a late answer changes nothing', async () => {
    const dead = door();
    const { all, asked, arrive } = await startTogether(ledger, 2, {
      instead: (one, reader) => ({
        async read(...of) {
          if (one === 0) await dead.through();
          return reader.read(...of);
        },
      }),
    });
    const [first, second] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
    arrive(4);
    const dying = first.run();
    await expect.poll(dead.waiting, SOON).toBe(1);
    const living = await second.run((tries) => (tries === 2 ? void letReadingRunOut() : undefined));
    expect(living.tries).toBeGreaterThanOrEqual(2);
    expect(rowsOf([living])).toEqual([4]);
    dead.open();
    expect(rowsOf([await dying])).toEqual([4]);
    expect(asked().queries).toBe(ONCE + 1);
    expect((await first.known()).indicators).toBe(4);
  });

  test('fails, the next one reads', async () => {
    const { all, arrive, fault } = await startTogether(ledger, 2);
    const [first, second] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
    arrive(4);
    fault({ forbidden: true });
    await expect(first.run()).resolves.toMatchObject({ closed: [], failures: [expect.stringMatching(/403|role/i)] });
    fault({ forbidden: false });
    expect(rowsOf([await second.run(), await first.run()])).toEqual([4, 4]);
  });

  test('cannot write it down, that costs the others nothing', async () => {
    const trouble = { lasts: true };
    const { all, asked, arrive } = await startTogether(ledger, 3, {
      own: (one) => ({
        entryBehind: () => {
          if (one === 1 && trouble.lasts) throw new Error('it has no list');
          return null;
        },
      }),
    });
    const [first, second, third] = [all[0] ?? expect.fail(), all[1] ?? expect.fail(), all[2] ?? expect.fail()];
    arrive(4);
    await first.run();
    await expect(second.run()).rejects.toThrow('it has no list');
    expect(rowsOf([await third.run()])).toEqual([4]);
    trouble.lasts = false;
    expect(rowsOf([await second.run()])).toEqual([4]);
    expect(asked().queries).toBe(ONCE);
  });

  test('is a backfill, no live run waits for it', async () => {
    const slow = door();
    const { all, arrive, parts } = await startTogether(ledger, 2, {
      instead: (one, reader) => ({
        async read(...of) {
          if (one === 0) await slow.through();
          return reader.read(...of);
        },
      }),
    });
    const [first, second] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
    arrive(4);
    parts.isUrgent = () => false;
    const late = first.run();
    await expect.poll(slow.waiting, SOON).toBe(1);
    parts.isUrgent = () => true;
    expect(await second.run()).toMatchObject({ closed: [{ rows: 4 }], tries: 0 });
    slow.open();
    expect(rowsOf([await late])).toEqual([4]);
  });
});

test('a row that the source does not give is set aside by each, and read by each once it gives it', async () => {
  const { all, arrive, fault, later } = await startTogether(ledger, 2, { settings: { sliceRows: 2 } });
  const [poisoned] = arrive(4);
  fault({ timeoutValues: [poisoned ?? ''] });
  for (const one of all) {
    const run = await one.run();
    expect(run.failures).toEqual([]);
    expect(run.closed[0]).toMatchObject({ rows: 3, unread: 1 });
    expect(rowsOf([run])).toEqual([3]);
  }
  fault({ timeoutValues: [] });
  later(24 * HOUR);
  for (const one of all) {
    await one.run();
    expect((await one.known()).indicators).toBe(4);
  }
});

describe.each([2_000, 20 * MINUTE])('with a worker whose clock is %i ms ahead', (aheadMs) => {
  test('the windows of all are cut alike, and read once', async () => {
    const { all, asked, arrive, clock, later } = await startTogether(ledger, 3);
    clock.aheadMs = aheadMs;
    for (const round of [1, 2]) {
      arrive(3);
      const runs = [];
      for (const one of all) runs.push(await one.run());
      expect(rowsOf(runs)).toEqual([3, 3, 3]);
      expect(asked().queries).toBe(round * ONCE);
      later(15 * MINUTE);
    }
    const [first, ...others] = await Promise.all(all.map((one) => windowsOf(ledger, one.pipeline)));
    for (const windows of others) expect(windows).toEqual(first);
  });
});

test('a window that has not begun by the clock of the source is counted again, by all', async () => {
  const { all, arrive, clock } = await startTogether(ledger, 2, {
    settings: { windowMs: MINUTE, since: () => new Date(BEGUN - 2 * MINUTE) },
  });
  clock.aheadMs = 2 * MINUTE;
  arrive(3);
  for (const one of all) expect((await one.run()).failures).toEqual([]);
  for (const one of all) expect(await one.known()).toMatchObject({ indicators: 3 });
});

test('workers whose clocks differ by seconds read the same windows', async () => {
  const { all, asked, arrive, clock, later } = await startTogether(ledger, 2);
  for (const round of [1, 2, 3]) {
    later(15 * MINUTE);
    arrive(2);
    const runs = [];
    for (const [one, reading] of all.entries()) {
      clock.aheadMs = one === 0 ? 0 : -20_000;
      runs.push(await reading.run());
    }
    expect(rowsOf(runs)).toEqual([2, 2]);
    expect(asked().queries).toBe(round * ONCE);
  }
});

test('a row that arrives after its window was read is found by all, also by those that took the reading', async () => {
  const { all, arrive, later } = await startTogether(ledger, 2, { settings: { overlapMs: 10 * MINUTE } });
  const [first, second] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
  arrive(1);
  await first.run();
  // Ingested before, and not seen until now.
  later(-2 * MINUTE);
  arrive(3);
  later(2 * MINUTE + 2 * MINUTE);
  await second.run();
  expect((await second.known()).indicators).toBe(3);
  await first.run();
  expect((await first.known()).indicators).toBe(3);
});

test('that a workspace has no data is believed by whoever knows none of it, and by nobody else for it', async () => {
  const { all, arrive, fault, later } = await startTogether(ledger, 2, {
    own: (one) => (one === 0 ? {} : { since: (now) => new Date(now.getTime() - 5 * MINUTE) }),
  });
  const [knowing, fresh] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
  arrive(2);
  await knowing.run();
  later(8 * MINUTE);
  arrive(3);
  later(2 * MINUTE);
  fault({ noContent: true });
  expect(await fresh.run()).toMatchObject({ tries: 0 });
  const { tries } = await knowing.run((failed) => {
    if (failed === 2) fault({ noContent: false });
  });
  expect(tries).toBe(2);
  expect((await knowing.known()).indicators).toBe(3);
});

test('for one whose schedule is paused, little is kept, and not for long; it loses nothing', async () => {
  const { all, arrive, later, kept } = await startTogether(ledger, 2);
  const [often, paused] = [all[0] ?? expect.fail(), all[1] ?? expect.fail()];
  arrive(1);
  await often.run();
  await paused.run();
  for (let run = 0; run < 12; run += 1) {
    later(15 * MINUTE);
    arrive(2 + run);
    await often.run();
  }
  expect((await kept())?.slices).toBe(8);
  later(7 * HOUR);
  await often.run();
  expect(await kept()).toEqual({ slices: 0, rows: 0 });
  await paused.run();
  expect((await paused.known()).indicators).toBe((await often.known()).indicators);
});
