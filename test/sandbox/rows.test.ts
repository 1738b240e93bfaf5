import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toText, type Value } from '../../sandbox/logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS } from '../../sandbox/rows/columns.ts';
import { readFeed } from '../../sandbox/rows/feed.ts';
import { createFeedSegment } from '../../sandbox/rows/feed-segment.ts';
import { generatedObservable } from '../../sandbox/rows/generated-observable.ts';
import { createGeneratedSegment } from '../../sandbox/rows/generated-segment.ts';
import { type Role, roleOf, rowsFor } from '../../sandbox/rows/roles.ts';
import { firstRow, type Segment } from '../../sandbox/rows/segment.ts';
import { WorkspaceRows } from '../../sandbox/rows/workspace-rows.ts';

const INGESTED = { from: Date.parse('2026-11-24T08:00:00Z'), to: Date.parse('2026-11-24T09:00:00Z') };
const COUNT = 10_000;

function segment(seed = 1, republished = false): Segment {
  return createGeneratedSegment({ seed, first: 0, count: COUNT, epoch: INGESTED.to, ingested: INGESTED, republished });
}

function read(from: Segment, row: number, column: string): Value {
  return from.cell(
    row,
    THREAT_INTEL_INDICATORS.columns.findIndex(({ name }) => name === column),
  );
}

function all(from: Segment, column: string): Value[] {
  return Array.from({ length: from.length }, (_, row) => read(from, row, column));
}

describe('generated rows', () => {
  const rows = segment();
  const ofRole = (role: Role): number[] =>
    Array.from({ length: COUNT }, (_, row) => row).filter((row) => roleOf(row) === role);

  test('the same seed gives the same rows in any order, another seed others', () => {
    const again = segment();
    const backwards = Array.from({ length: 50 }, (_, row) => read(again, 49 - row, 'Id')).toReversed();
    expect(backwards).toEqual(all(rows, 'Id').slice(0, 50));
    expect(all(segment(2), 'Id').slice(0, 50)).not.toEqual(backwards);
  });

  test('are in the order of their ingestion, within the interval, and say so a little earlier', () => {
    const times = Array.from({ length: COUNT }, (_, row) => rows.ingestedAt(row));
    expect(times).toEqual(times.toSorted());
    expect(times[0] ?? '').toMatch(/^2026-11-24T08:00:00\.\d{7}Z$/);
    expect(times.at(-1) ?? '').toMatch(/^2026-11-24T08:59:59\.\d{7}Z$/);
    for (const [row, time] of times.entries()) {
      const made = toText(read(rows, row, 'TimeGenerated'));
      expect(made).toMatch(/^2026-11-24T0[78]:\d\d:\d\d\.\d{7}Z$/);
      expect(made < time).toBe(true);
    }
  });

  test('have all types, about half of them hosts', () => {
    const keys = all(rows, 'ObservableKey').map(String);
    const share = (pattern: RegExp): number => keys.filter((key) => pattern.test(key)).length / COUNT;
    expect(share(/^(?:ipv4|ipv6|domain)/)).toBeGreaterThan(0.45);
    expect(share(/^(?:ipv4|ipv6|domain)/)).toBeLessThan(0.6);
    for (const key of [
      'ipv6-addr',
      'url',
      'email-addr',
      'file:hashes.MD5',
      "file:hashes.'SHA-1'",
      "file:hashes.'SHA-256'",
    ]) {
      expect(keys.filter((each) => each.startsWith(key)).length).toBeGreaterThan(100);
    }
  });

  test('have values of their own, but for the rows that repeat one', () => {
    const values = all(rows, 'ObservableValue').filter((value) => value !== '');
    const repeated = ofRole('republished').length + ofRole('same-value').length;
    expect(new Set(values).size).toBe(values.length - repeated);
    expect(rowsFor(9_300)).toBe(COUNT);
  });

  test("have addresses that are nobody's special ones", () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.constantFrom<['ipv4', 'ipv6'][number][]>('ipv4', 'ipv6'), (indicator, type) => {
        expect(ipaddr.parse(generatedObservable(1, indicator, type).value).range()).toBe('unicast');
      }),
    );
  });

  test.each<[Role, (row: number) => unknown, unknown]>([
    ['republished', (row) => read(rows, row, 'LastUpdateMethod'), 'LogARepublisher'],
    ['republished', (row) => read(rows, row, 'Id') === read(rows, row - 50, 'Id'), true],
    [
      'republished',
      (row) => toText(read(rows, row, 'TimeGenerated')) > toText(read(rows, row - 50, 'TimeGenerated')),
      true,
    ],
    ['same-value', (row) => read(rows, row, 'ObservableValue') === read(rows, row - 50, 'ObservableValue'), true],
    ['same-value', (row) => read(rows, row, 'Id') === read(rows, row - 50, 'Id'), false],
    ['revoked', (row) => read(rows, row, 'Revoked'), true],
    ['deleted', (row) => read(rows, row, 'IsDeleted'), true],
    ['inactive', (row) => read(rows, row, 'IsActive'), false],
    ['expired', (row) => read(rows, row, 'ValidUntil'), '2026-11-23T09:00:00.0000000Z'],
    ['private-address', (row) => toText(read(rows, row, 'ObservableValue')).startsWith('192.168.'), true],
    ['upper-case', (row) => /[a-z]/.test(toText(read(rows, row, 'ObservableValue'))), false],
    ['trailing-dot', (row) => toText(read(rows, row, 'ObservableValue')).endsWith('.'), true],
    ['defanged', (row) => toText(read(rows, row, 'ObservableValue')).includes('[.]'), true],
    ['unparsed', (row) => [read(rows, row, 'ObservableKey'), read(rows, row, 'ObservableValue')], ['', '']],
    ['unparsed', (row) => /^\[.+ = '.+'\]$/.test(toText(read(rows, row, 'Pattern'))), true],
    ['nonsense-value', (row) => read(rows, row, 'ObservableKey'), 'ipv4-addr:value'],
    ['unknown-key', (row) => read(rows, row, 'ObservableKey'), 'x-made-up:thing'],
    ['data-as-text', (row) => typeof read(rows, row, 'Data'), 'string'],
    ['data-missing', (row) => read(rows, row, 'Data'), null],
  ])('%s rows are as they should be', (role, look, expected) => {
    const found = ofRole(role);
    expect(found.length).toBeGreaterThanOrEqual(COUNT / 100);
    for (const row of found) expect(look(row)).toEqual(expected);
  });

  test('one indicator with two observables is two rows with one Id and one pattern', () => {
    expect(read(rows, 15, 'Id')).toBe(read(rows, 65, 'Id'));
    expect(read(rows, 15, 'Pattern')).toBe(read(rows, 65, 'Pattern'));
    for (const row of [15, 65]) expect(read(rows, 15, 'Pattern')).toContain(toText(read(rows, row, 'ObservableValue')));
    expect(read(rows, 15, 'ObservableValue')).not.toBe(read(rows, 65, 'ObservableValue'));
  });

  test('the first row of a time is found as a search from the start would find it', () => {
    const times = Array.from({ length: COUNT }, (_, row) => rows.ingestedAt(row));
    fc.assert(
      fc.property(
        fc.date({ min: new Date(INGESTED.from - 1_000), max: new Date(INGESTED.to + 1_000), noInvalidDate: true }),
        (date) => {
          const time = date.toISOString();
          const expected = times.findIndex((each) => each >= time);
          expect(firstRow(rows, (each) => each >= time)).toBe(expected === -1 ? COUNT : expected);
        },
      ),
    );
  });
});

describe('a workspace', () => {
  const ids = (rows: WorkspaceRows): Value[] => rows.segments().flatMap((each) => all(each, 'Id'));
  const LATER = new Date('2026-11-24T12:00:00Z');

  test('publishes again the same Ids and content, with a fresh TimeGenerated', () => {
    const rows = new WorkspaceRows([]);
    rows.generate(1, 93, INGESTED);
    const before = rows.segments()[0];
    rows.republish(LATER);
    const after = rows.segments()[1];
    if (before === undefined || after === undefined) throw new Error('a segment is missing');
    for (const { name } of THREAT_INTEL_INDICATORS.columns) {
      if (name !== 'TimeGenerated' && name !== 'LastUpdateMethod') expect(all(after, name)).toEqual(all(before, name));
    }
    expect(new Set(all(after, 'LastUpdateMethod'))).toEqual(new Set(['LogARepublisher']));
    expect(after.ingestedAt(0) >= '2026-11-24T12:00:00').toBe(true);
    expect(toText(read(after, 0, 'TimeGenerated')) > '2026-11-24T11:59').toBe(true);
  });

  test('publishes again what arrived last of an indicator, not what it was at first', () => {
    const rows = new WorkspaceRows([]);
    rows.generate(1, 93, INGESTED);
    const [Id = ''] = ids(rows).map(String);
    rows.arrive([{ Id, Revoked: true, ObservableKey: 'ipv4-addr:value', ObservableValue: '11.2.3.4' }], INGESTED_AFTER);
    rows.republish(LATER);
    const fresh = rows.segments().flatMap((each) =>
      Array.from({ length: each.length }, (_, row) => row)
        .filter((row) => read(each, row, 'Id') === Id && each.ingestedAt(row) >= '2026-11-24T12')
        .map((row) => [read(each, row, 'Revoked'), read(each, row, 'LastUpdateMethod')]),
    );
    expect(fresh).toEqual([[true, 'LogARepublisher']]);
  });

  test('goes on from what was saved, and generates new indicators after that', () => {
    const rows = new WorkspaceRows([]);
    rows.generate(1, 93, INGESTED);
    rows.arrive([{ Id: 'x' }], INGESTED_AFTER);
    const restored = new WorkspaceRows([], JSON.parse(JSON.stringify(rows.save())));
    expect(ids(restored)).toEqual(ids(rows));
    restored.generate(1, 93, { from: LATER.getTime(), to: LATER.getTime() + 1 });
    const known = new Set(ids(rows));
    expect(restored.segments()[1]?.length).toBe(100);
    expect(all(restored.segments()[1] ?? segment(), 'Id').some((id) => known.has(id))).toBe(false);
  });
});

const INGESTED_AFTER = new Date('2026-11-24T10:00:00Z');

describe('a feed', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync-feed-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const feed = async (text: string): Promise<string> => {
    const file = join(folder, 'feed.csv');
    await writeFile(file, text);
    return file;
  };

  test('gives one row for each line, also of a type that is not known', async () => {
    const lines = await readFeed(
      await feed(
        'type,value,campaign,first_published\nip,11.2.3.4,storm,2026-01-02T03:04:05Z\nip,2a0e::1,,\nmutex,abc,,\nsha1,"a,b",,\n',
      ),
    );
    const rows = createFeedSegment({ lines, epoch: INGESTED.to, ingested: INGESTED, republished: false });
    const row = (index: number): Value[] =>
      ['ObservableKey', 'ObservableValue', 'Tags', 'Confidence', 'ValidFrom', 'ValidUntil'].map((name) =>
        read(rows, index, name),
      );
    expect(rows.length).toBe(4);
    expect(row(0)).toEqual([
      'ipv4-addr:value',
      '11.2.3.4',
      'storm',
      80,
      '2026-01-02T03:04:05.0000000Z',
      '2027-02-22T09:00:00.0000000Z',
    ]);
    expect(row(1).slice(0, 3)).toEqual(['ipv6-addr:value', '2a0e::1', '']);
    expect(row(2).slice(0, 2)).toEqual(['mutex:value', 'abc']);
    expect(row(3).slice(0, 2)).toEqual(["file:hashes.'SHA-1'", 'a,b']);
    expect(new Set(all(rows, 'Id')).size).toBe(4);
  });

  test('needs only type and value', async () => {
    expect(await readFeed(await feed('value,type\r\nexample.com,domain\r\n'))).toEqual([
      { type: 'domain', value: 'example.com', campaign: '', firstPublished: '' },
    ]);
  });
});
