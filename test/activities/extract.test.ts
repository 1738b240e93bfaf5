import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extract } from '../../activities/extract.ts';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import type { SliceRecord } from '../../ledger/record-slice.ts';
import { readTable } from '../../sentinel/read-table.ts';
import { ROW_COLUMNS } from '../../sentinel/row-schema.ts';
import type { ReadResult, SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { partsOf } from '../delivery/delivery.ts';
import { startBench } from '../destinations/threatstream-sandbox.ts';
import { POLICY, ROW } from '../indicators/arbitraries.ts';
import { NOW, readWindow } from '../ledger/decided-window.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

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

async function extracted(pipeline: string, read: ReadResult | Promise<ReadResult>, exclude: SliceRecord['exclude']) {
  const unused = (): never => {
    throw new Error('Only the rows are read.');
  };
  const reader: SentinelReader = { count: unused, estimate: unused, read: async () => read, close: unused };
  const parts = partsOf(ledger, pipeline, await startBench('required'), { reader, exclude });
  const windowId = await readWindow(ledger, pipeline, []);
  const slice = { from: NOW.toISOString(), to: NOW.toISOString(), bucket: 0, buckets: 1 };
  const counts = await new MockActivityEnvironment().run(() => extract(parts, { pipeline, windowId, slice }));
  return { counts, windowId };
}

test('what was read otherwise than it is written is counted by reason, and the ledger keeps the reasons', async () => {
  const sha1 = { ObservableKey: "file:hashes.'SHA-256'", ObservableValue: 'a'.repeat(40) };
  const named = { ObservableKey: 'file:name', Pattern: `[file:name = 'x' AND file:hashes.MD5 = '${'b'.repeat(32)}']` };
  const read = tableOf(
    { Id: '1', ...sha1, Confidence: 'Infinity' },
    { Id: '2', ...sha1 },
    { Id: '3', ...named, ObservableValue: 'x', Labels: '["a", null]' },
    { Id: '4', ObservableValue: 'a.example.com', ValidUntil: '0001-01-01T00:00:00.0000000Z' },
    { Id: '5', ObservableValue: 'b.example.com', Tags: '[{"name":"TLP RED"}]' },
    { Id: '6', ObservableKey: 'ipv6-addr:value', ObservableValue: '64:ff9b::a00:1' },
    { Id: '7', ObservableValue: 'c.example.com', Tags: 'TLP:GREEN' },
  );
  const policy = { ...POLICY, exclude: { ...POLICY.exclude, reservedAddresses: true } };
  const exclude = createExclusion(policy);
  const { counts } = await extracted('noting', read, (indicator, now) =>
    indicator.key.type === 'domain' && indicator.facts.tlp !== 'red' ? null : exclude(indicator, now),
  );
  expect(counts).toMatchObject({
    rows: 7,
    new: 4,
    merged: 1,
    malformed: 0,
    excludedBy: { 'above-tlp-ceiling': 1, 'reserved-address': 1 },
    notedBy: {
      'hash-kind-by-length': 2,
      'unreadable-confidence': 1,
      'taken-from-pattern': 1,
      'unreadable-label': 1,
      'empty-date': 1,
    },
  });
  const kept = await ledger
    .selectFrom('indicators')
    .select(['value', 'facts'])
    .where('pipeline', '=', 'noting')
    .execute();
  expect(Object.fromEntries(kept.map(({ value, facts }) => [value, facts.notes ?? []]))).toEqual({
    ['a'.repeat(40)]: ['hash-kind-by-length', 'unreadable-confidence'],
    ['b'.repeat(32)]: ['taken-from-pattern', 'unreadable-label'],
    'a.example.com': ['empty-date'],
    'b.example.com': [],
    '64:ff9b::a00:1': [],
    'c.example.com': [],
  });
});

test('a row that cannot be stored, or that our code cannot digest, is quarantined, and its slice is recorded', async () => {
  const read = tableOf(
    { Id: '1', ObservableValue: 'a.example.com', ValidUntil: '9999-12-31T23:59:59.9999999Z' },
    { Id: '2\0', ObservableValue: 'b.example.com' },
    { Id: '3', ObservableValue: 'indigestible.example.com' },
    { Id: '4', ObservableValue: '😀'.repeat(400), Tags: '\uD83D' },
    { Id: '5\0', ObservableValue: 'c.example.com', TimeGenerated: 7 },
    { Id: '6', ObservableValue: 'd.example.com', Tags: 'a\0\uD83D,b' },
  );
  const { counts, windowId } = await extracted('extracting', read, ({ key }) => {
    if (key.value.startsWith('indigestible')) throw new RangeError(`Invalid value: ${key.value}`);
    return null;
  });
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

/** How often others have had the thread. */
function otherTurns() {
  const turns = { taken: 0, isOver: false };
  const take = (): void => {
    turns.taken += 1;
    if (!turns.isOver) setImmediate(take);
  };
  setImmediate(take);
  return turns;
}

test('rows with much text leave the thread to others between them: heartbeats go on', async () => {
  const tags = 'a,'.repeat(100_000);
  const turns = otherTurns();
  const read = await tableOf(
    ...Array.from({ length: 12 }, (_, at) => ({ Id: `${at}`, ObservableValue: `n${at}.example.com`, Tags: tags })),
  );
  expect(turns.taken).toBeGreaterThan(3);
  const seen = new Set<number>();
  await extracted('long rows', read, () => {
    seen.add(turns.taken);
    return null;
  });
  turns.isOver = true;
  expect(seen.size).toBeGreaterThan(3);
});

test('a slice whose patterns name more than fit into memory is halved', async () => {
  const patterned = (at: number) => {
    const names = Array.from({ length: 12_000 }, (_, name) => `'n${at}-${name}.example'`).join();
    return { Id: `${at}`, ObservableKey: '', Pattern: `[domain-name:value IN (${names})]` };
  };
  await expect(
    extracted('many named', tableOf(...Array.from({ length: 9 }, (_, at) => patterned(at))), () => null),
  ).rejects.toMatchObject({ kind: 'TooLarge', message: expect.stringContaining('more than 100000 indicators') });
});

test('a list that is longer than a cell can be is not parsed', async () => {
  const empty = `[${'{},'.repeat(100_000)}{}]`;
  for (const column of ['Labels', 'Markings', 'ThreatTypes']) {
    expect(await tableOf({ Id: '1', ObservableValue: 'a.example.com', [column]: empty })).toMatchObject({
      rows: [],
      malformed: [{ sourceId: '1', reason: `${column}: longer than 262144 characters` }],
    });
  }
});
