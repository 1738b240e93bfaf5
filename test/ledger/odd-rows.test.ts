import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SliceCounts } from '../../indicators/counts.ts';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { observeRow } from '../../indicators/observe-row.ts';
import type { SourceRow } from '../../indicators/source-row.ts';
import { storableText } from '../../indicators/storable-text.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { knownReputations, saveReputations } from '../../ledger/reputations.ts';
import { failWindow } from '../../ledger/windows.ts';
import { readTable } from '../../sentinel/read-table.ts';
import { ROW_COLUMNS } from '../../sentinel/row-schema.ts';
import { oddRow, oddText, POLICY, ROW } from '../indicators/arbitraries.ts';
import { NOW, readWindow } from './decided-window.ts';
import { openTestLedger } from './test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const exclude = createExclusion(POLICY);

/** Rows as a slice of a pipeline of their own, by the way that a worker takes them. */
let pipelines = 0;
async function record(rows: readonly SourceRow[], malformed: Awaited<ReturnType<typeof readTable>>['malformed'] = []) {
  pipelines += 1;
  const pipeline = `odd${pipelines}`;
  const observations: Observation[] = [];
  const unread = [...malformed];
  for (const row of rows) {
    const result = observeRow(row, exclude, NOW);
    if (result.kind === 'observations') observations.push(...result.observations);
    else unread.push({ sourceId: row.id, reason: result.reason, excerpt: JSON.stringify(row) });
  }
  const windowId = await readWindow(ledger, pipeline, []);
  const slice = { pipeline, windowId, slice: 'odd', observations, malformed: unread, exclude, now: NOW };
  return { pipeline, windowId, counts: await recordSlice(ledger, slice), again: await recordAgain(slice) };
}

/** The same rows read by a later window: what is stored is what was read, so nothing has changed. */
async function recordAgain(slice: Parameters<typeof recordSlice>[1]): Promise<SliceCounts> {
  const windowId = await readWindow(ledger, slice.pipeline, []);
  return recordSlice(ledger, { ...slice, windowId });
}

async function valuesOf(pipeline: string): Promise<readonly string[]> {
  const rows = await ledger.selectFrom('indicators').select('value').where('pipeline', '=', pipeline).execute();
  return rows.map(({ value }) => value);
}

function urlRow(url: string, change: Partial<SourceRow> = {}): SourceRow {
  return { ...ROW, id: url, observableKey: 'url:value', observableValue: url, validUntil: null, ...change };
}

const PLAIN = [urlRow('http://plain.example.com/'), urlRow('http://other.example.com/')];
const VALUES = PLAIN.map(({ observableValue }) => observableValue);
const ended = (counts: SliceCounts): number => counts.new + counts.excluded + counts.malformed + counts.merged;

test('a row of whatever texts costs itself at most: the rows beside it are recorded, and it is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(oddRow, async (odd) => {
      const { pipeline, counts, again } = await record([...PLAIN, odd]);
      expect(await valuesOf(pipeline)).toEqual(expect.arrayContaining(VALUES));
      expect(counts.rows).toBeGreaterThanOrEqual(3);
      expect(ended(counts)).toBe(counts.rows);
      expect(again).toMatchObject({ new: 0, changed: 0, rows: counts.rows });
    }),
    { numRuns: 60 },
  );
});

/** What no compression makes short. */
const long = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);

test.each<readonly [string, Partial<SourceRow>, Partial<SliceCounts>]>([
  ['an Id with a NUL', { id: 'a\0b' }, { malformed: 1 }],
  ['an Id with half of a pair', { id: 'a\uD83D' }, { malformed: 1 }],
  ['an Id of a megabyte', { id: long(1_000_000) }, { malformed: 1 }],
  ['an Id as long as one may be', { id: '中'.repeat(100) + long(700) }, { new: 3 }],
  ['a pattern with a NUL', { observableKey: '', pattern: "[url:value = 'http://a.example.com/\0']" }, { malformed: 1 }],
  ['a raw text that is cut within a pair', { id: '', observableValue: '😀'.repeat(400) }, { malformed: 1 }],
  ['a URL of 8,192 characters', { observableValue: `http://a.example.com/${long(8_171)}` }, { new: 3 }],
  [
    'a URL that its blanks make too long',
    { observableValue: `http://a.example.com/${'a\u3000'.repeat(1_000)}` },
    { malformed: 1 },
  ],
  [
    'a tag list of 10,000',
    { tags: Array.from({ length: 10_000 }, (_, at) => `${at}${long(20)}`).join(',') },
    { new: 3 },
  ],
  ['tags, a label and a description with NUL', { tags: 'a\0b', labels: ['\0'], description: 'x\0\uDE00y' }, { new: 3 }],
  ['a source system with NUL', { sourceSystem: 'M\0\uD83D' }, { new: 3 }],
  ['an end that means never', { validUntil: '9999-12-31T23:59:59.9999999Z' }, { new: 3 }],
  ['an end before all ends, which means none', { validUntil: '0000-01-01T00:00:00+14:00' }, { new: 3 }],
  ['an end that is long past', { validUntil: '1999-01-01T00:00:00+14:00' }, { excluded: 1 }],
])('%s', async (_, change, expected) => {
  const { pipeline, counts, again } = await record([...PLAIN, urlRow('http://a.example.com/', change)]);
  expect(counts).toMatchObject({ rows: 3, ...expected });
  expect(await valuesOf(pipeline)).toEqual(expect.arrayContaining(VALUES));
  expect(again).toMatchObject({ new: 0, changed: 0, malformed: counts.malformed, excluded: counts.excluded });
});

test('a row that the reader could not make out is quarantined with what can be shown of it', async () => {
  const raw = (row: Readonly<Record<string, unknown>>) => ROW_COLUMNS.map((name) => row[name] ?? null);
  const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  const { malformed } = await readTable({
    columnDescriptors: ROW_COLUMNS.map((name) => ({ name })),
    rows: [raw({ Id: `a\0${'😀'.repeat(300)}`, Tags: `x\uD83D` }), raw({ Id: 'b', Tags: deep })],
  });
  const { windowId, counts } = await record(PLAIN, malformed);
  expect(counts).toMatchObject({ new: 2, malformed: 2 });
  const rows = await ledger.selectFrom('quarantine').selectAll().where('window_id', '=', windowId).execute();
  expect(new Set(rows.map(({ source_id }) => source_id?.length))).toEqual(new Set([1, 500]));
  expect(rows.map(({ excerpt }) => excerpt)).toContain('a row that cannot be shown');
});

test('no two indicators of a pipeline are one, however long', async () => {
  const value = `http://a.example.com/${long(8_000)}`;
  const { pipeline } = await record([urlRow(value, { id: 'long' })]);
  const twin = { pipeline, type: 'url', value, facts: '{}', sources: '[]', content_hash: '' } as const;
  await expect(ledger.insertInto('indicators').values(twin).execute()).rejects.toThrow('indicators_are_one');
});

test('what an API says is kept, in whatever texts it says it', async () => {
  await fc.assert(
    // Of a byte order mark at the very beginning of a text the embedded ledger knows nothing.
    fc.asyncProperty(
      oddText.filter((text) => !text.startsWith('\uFEFF')),
      async (text) => {
        const rule = { name: text, description: text, severity: text, relatedDetailsUrl: text };
        const reputation = { kind: 'scored', score: 80, classification: text, rules: [rule] } as const;
        await saveReputations(ledger, [{ host: 'a.example.com', reputation, expiresAt: NOW }], NOW);
        const known = (await knownReputations(ledger, ['a.example.com', text], null)).get('a.example.com');
        const kept = storableText(text);
        const keptRule = { name: kept, description: kept, severity: kept, relatedDetailsUrl: kept };
        expect(known).toEqual({ ...reputation, classification: kept, rules: [keptRule] });
      },
    ),
    { numRuns: 60 },
  );
});

test('why a window failed is kept, whatever it quotes', async () => {
  const windowId = await readWindow(ledger, 'failing', []);
  await failWindow(ledger, windowId, 'It answered \0\uD83D.');
  const row = await ledger.selectFrom('windows').select('reason').where('id', '=', windowId).executeTakeFirst();
  expect(row?.reason).toBe('It answered \uFFFD\uFFFD.');
});
