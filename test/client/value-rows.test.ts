import { describe, expect, test } from 'vitest';
import { listedValue } from '../../client/values/listed-value.ts';
import { countsSentence, valueCounts } from '../../client/values/value-counts.ts';
import { valueRows } from '../../client/values/value-rows.ts';
import { valuesCsv } from '../../client/values/values-csv.ts';
import { valuesTable } from '../../client/values/values-table.ts';
import type { HostReputation } from '../../exchange/messages.ts';

const CHECKED = '2026-11-24T12:00:00.000Z';
const RULES = [
  { name: 'Third Party Blocklist', severity: 'high' },
  { name: 'Name; server', severity: 'medium' },
];
const KNOWN: ReadonlyMap<string, HostReputation> = new Map<string, HostReputation>([
  [
    'bad.example.com',
    { kind: 'scored', score: 92, classification: 'malicious', rules: RULES, checked: CHECKED, isNew: true },
  ],
  ['8.8.8.8', { kind: 'scored', score: 0, classification: 'unknown', rules: [], checked: CHECKED, isNew: false }],
  ['none.example.com', { kind: 'none', checked: CHECKED, isNew: true }],
  [
    'mute.example.com',
    { kind: 'failed', why: 'look-up-failed', failure: 'MDTI answered 503.', until: '2026-11-25T12:00:00.000Z' },
  ],
]);
const TEXTS = [
  'hxxp://BAD[.]example.com/=1+1',
  '8.8.8.8',
  'bad.example.com',
  'none.example.com',
  'someone@mute.example.com',
  'D41D8CD98F00B204E9800998ECF8427E',
  '10.0.0.1',
  '=cmd|"x"\u001b[31m',
];
const ROWS = valueRows(
  TEXTS.map((text, index) => listedValue(index + 1, text)),
  KNOWN,
);

test('a row says what the value is, as it is compared and as it was written, and what is known of its host', () => {
  expect(ROWS).toEqual([
    {
      line: 1,
      value: 'http://bad.example.com/=1+1',
      written: 'hxxp://BAD[.]example.com/=1+1',
      type: 'url',
      host: 'bad.example.com',
      outcome: 'scored',
      score: 92,
      classification: 'malicious',
      rules: RULES,
      checked: CHECKED,
      note: null,
    },
    expect.objectContaining({ value: '8.8.8.8', written: null, type: 'ipv4', score: 0, classification: 'unknown' }),
    expect.objectContaining({ value: 'bad.example.com', host: 'bad.example.com', score: 92 }),
    expect.objectContaining({
      outcome: 'no-reputation',
      score: null,
      checked: CHECKED,
      note: 'MDTI has no reputation of it',
    }),
    expect.objectContaining({
      outcome: 'not-answered',
      host: 'mute.example.com',
      score: null,
      note: 'MDTI did not answer for it: MDTI answered 503. Asked again from 2026-11-25T12:00Z on',
    }),
    expect.objectContaining({ outcome: 'hash', type: 'md5', host: null, note: 'MDTI has no reputations of hashes' }),
    expect.objectContaining({
      outcome: 'reserved',
      host: '10.0.0.1',
      score: null,
      note: expect.stringMatching(/^not looked up: reserved/),
    }),
    expect.objectContaining({
      outcome: 'no-host',
      value: null,
      written: '=cmd|"x"\u001b[31m',
      note: 'no host: the value has control characters or broken Unicode',
    }),
  ]);
});

test('the counts are of values; hosts are counted once', () => {
  const counts = valueCounts(ROWS, KNOWN);
  expect(counts).toEqual({
    values: 8,
    classifications: { malicious: 2, suspicious: 0, neutral: 0, unknown: 1 },
    noReputation: 1,
    notAnswered: 1,
    hashes: 1,
    reserved: 1,
    noHosts: 1,
    hosts: { lookedUp: 2, known: 1, notAnswered: 1 },
  });
  expect(countsSentence(counts)).toBe(
    '8 values: 2 malicious, 1 unknown, 1 without a reputation, 1 that MDTI did not answer for, 1 hash, 1 reserved, 1 that is no host. Of 4 hosts, 2 looked up now, 1 known already.',
  );
});

test('a list without a host costs nothing, and says nothing of cost', () => {
  const rows = valueRows([listedValue(1, '10.0.0.1')], new Map());
  expect(countsSentence(valueCounts(rows, new Map()))).toBe('1 value: 1 reserved.');
});

test('a CSV is for programs: cells are quoted, and otherwise as they are', () => {
  const lines = valuesCsv(ROWS).split('\r\n');
  expect(lines).toHaveLength(ROWS.length + 2);
  expect(lines[0]).toBe('line,value,written,type,host,outcome,score,classification,rules,checked,note');
  expect(lines[1]).toBe(
    `"1","http://bad.example.com/=1+1","hxxp://BAD[.]example.com/=1+1","url","bad.example.com","scored","92","malicious","Third Party Blocklist;Name, server","${CHECKED}",""`,
  );
  expect(lines[8]).toBe(
    '"8","","=cmd|""x""\u001b[31m","","","no-host","","","","","no host: the value has control characters or broken Unicode"',
  );
  expect(lines[9]).toBe('');
});

describe('a table', () => {
  test.each([80, 100, 200])('fits %i columns, and has all of each text', (width) => {
    const lines = valuesTable(ROWS, width).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    const letters = lines.join('').replaceAll(' ', '');
    for (const text of ['MDTIhasnoreputationofit', 'ThirdPartyBlocklist', 'someone@mute.example.com']) {
      expect(width < 200 || letters.includes(text), text).toBe(true);
    }
  });

  test('is a line for each value where nobody looks at it', () => {
    const lines = valuesTable(ROWS, null).split('\n');
    expect(lines).toHaveLength(ROWS.length + 1);
    expect(lines[1]).toMatch(
      /^1 +http:\/\/bad\.example\.com\/=1\+1 \(hxxp:\/\/BAD\[\.\]example\.com\/=1\+1\) +url +92 +malicious +2026-11-24 +Third Party Blocklist, Name; server$/,
    );
  });

  test('lets nothing of the list steer the terminal', () => {
    expect(valuesTable(ROWS, null)).not.toContain('\u001b');
    expect(valuesTable(ROWS, 100)).toContain('\ufffd');
  });
});
