import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extract } from '../../activities/extract.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { readTable } from '../../sentinel/read-table.ts';
import { ROW_COLUMNS } from '../../sentinel/row-schema.ts';
import type { SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { startBench } from '../destinations/threatstream-sandbox.ts';
import { ROW } from '../indicators/arbitraries.ts';
import { NOW, readWindow } from '../ledger/decided-window.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { partsOf } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** A table as the query API gives it: of each row what is said of it. */
function tableOf(...rows: readonly Readonly<Record<string, unknown>>[]) {
  const plain: Readonly<Record<string, unknown>> = {
    SourceSystem: ROW.sourceSystem,
    ObservableKey: 'domain-name:value',
    TimeGenerated: ROW.timeGenerated,
  };
  return readTable({
    columnDescriptors: ROW_COLUMNS.map((name) => ({ name })),
    rows: rows.map((row) => ROW_COLUMNS.map((name) => ({ ...plain, ...row })[name] ?? null)),
  });
}

test('a row that cannot be stored, or that our code cannot digest, is quarantined, and its slice is recorded', async () => {
  const read = tableOf(
    { Id: '1', ObservableValue: 'a.example.com', ValidUntil: '9999-12-31T23:59:59.9999999Z' },
    { Id: '2\0', ObservableValue: 'b.example.com' },
    { Id: '3', ObservableValue: 'indigestible.example.com' },
    { Id: '4', ObservableValue: '😀'.repeat(400), Tags: '\uD83D' },
    { Id: '5\0', ObservableValue: 'c.example.com', TimeGenerated: 7 },
    { Id: '6', ObservableValue: 'd.example.com', Tags: 'a\0\uD83D,b' },
  );
  const unused = (): never => {
    throw new Error('Only the rows are read.');
  };
  const reader: SentinelReader = { count: unused, estimate: unused, read: async () => read, close: unused };
  const parts = partsOf(ledger, 'extracting', await startBench('required'), {
    reader,
    exclude({ key }) {
      if (key.value.startsWith('indigestible')) throw new RangeError(`Invalid value: ${key.value}`);
      return null;
    },
  });
  const windowId = await readWindow(ledger, 'extracting', []);
  const slice = { from: NOW.toISOString(), to: NOW.toISOString(), bucket: 0, buckets: 1 };
  const input = { pipeline: 'extracting', windowId, slice };
  const counts = await new MockActivityEnvironment().run(() => extract(parts, input));
  expect(counts).toMatchObject({ rows: 6, new: 2, malformed: 4 });
  const quarantined = await ledger
    .selectFrom('quarantine')
    .select(['source_id', 'reason'])
    .where('window_id', '=', windowId)
    .orderBy('source_id')
    .execute();
  expect(Object.fromEntries(quarantined.map(({ source_id, reason }) => [source_id, reason]))).toEqual({
    '2\uFFFD': 'Id is empty or has control characters',
    '3': 'the row could not be digested (RangeError)',
    '4': 'ObservableValue: longer than a domain name can be',
    '5\uFFFD': expect.stringContaining('TimeGenerated: '),
  });
});
