import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startReading } from './reading.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const HOUR = 3_600_000;

describe('an answer that is not believed', () => {
  test('is that there is no row in a slice in which rows are counted', async () => {
    let empty = 2;
    const reading = await startReading(ledger, {}, (reader) => ({
      read: async (source, slice, signal) => {
        empty -= 1;
        return empty >= 0 ? { rows: [], malformed: [] } : reader.read(source, slice, signal);
      },
    }));
    reading.arrive(4);
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 4, excluded: 4 }], failures: [], tries: 1 });
  });

  test('is that a workspace of which rows are known has no data', async () => {
    const reading = await startReading(ledger);
    reading.arrive(1);
    await reading.run();
    reading.arrive(1);
    reading.fault({ noContent: true });
    const { closed, tries } = await reading.run((failed) => {
      if (failed === 5) reading.fault({ noContent: false });
    });
    expect({ closed, tries }).toMatchObject({ closed: [{ rows: 1, unchanged: 0, excluded: 1 }], tries: 5 });
  });

  test('is that, however long it is said', async () => {
    const reading = await startReading(ledger);
    reading.fault({ noContent: true });
    // Of one of which no row is known it may be true.
    expect(await reading.run()).toMatchObject({ closed: [{ rows: 0 }], tries: 0 });
    reading.fault({ noContent: false });
    reading.arrive(1);
    await reading.run();
    reading.fault({ noContent: true });
    reading.later(HOUR);
    const { closed, tries } = await reading.run((failed) => {
      if (failed === 80) reading.fault({ noContent: false });
    });
    expect({ closed, tries }).toMatchObject({ closed: [{ rows: 0, unread: 0 }], tries: 80 });
  });

  /** From some moment on the service says so, for so many tries of the steps. */
  const emptyFrom = async (moment: 'before' | 'after', triesOfIt: number) => {
    let said = false;
    const say = (): void => {
      if (!said) reading.fault({ noContent: true });
      said = true;
    };
    const reading = await startReading(ledger, {}, (reader) => ({
      async read(...asked) {
        if (moment === 'before') say();
        try {
          return await reader.read(...asked);
        } finally {
          say();
        }
      },
    }));
    const run = () =>
      reading.run((failed) => {
        if (failed === triesOfIt) reading.fault({ noContent: false, partialOverRows: 500_000 });
      });
    return { reading, run };
  };

  test('is that it has none any more once rows of the window were counted', async () => {
    const { reading, run } = await emptyFrom('before', 80);
    reading.arrive(40);
    expect(await run()).toMatchObject({ closed: [{ rows: 40, excluded: 40 }], failures: [], tries: 80 });
  });

  test('is that it has none, after an answer that was cut for having too many', async () => {
    const { reading, run } = await emptyFrom('after', 5);
    reading.arrive(40);
    reading.fault({ partialOverRows: 10 });
    expect(await run()).toMatchObject({ closed: [{ rows: 40, excluded: 40 }], failures: [], tries: 5 });
  });
});
