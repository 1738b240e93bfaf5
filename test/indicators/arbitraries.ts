import * as fc from 'fast-check';
import { type Facts, INDICATOR_TYPES, type IndicatorType, THREATS, TLP_LEVELS } from '../../indicators/indicator.ts';
import type { Voice } from '../../indicators/merge.ts';
import type { Policy } from '../../indicators/policy.ts';
import type { SourceRow } from '../../indicators/source-row.ts';

export const POLICY: Policy = {
  minimumScore: 75,
  withoutReputation: { hash: 'deliver', url: 'deliver', email: 'deliver', host: 'hold' },
  exclude: { reservedAddresses: true, emptyContent: true },
  tlpCeiling: 'amber',
  tlpDefault: 'green',
};

export const FACTS: Facts = {
  threat: 'malware',
  confidence: 80,
  validFrom: null,
  validUntil: null,
  tlp: null,
  tags: [],
  description: null,
  ended: null,
};

export const ROW: SourceRow = {
  id: 'TURUSQ==---indicator--1',
  sourceSystem: 'Microsoft Defender Threat Intelligence',
  observableKey: 'ipv4-addr:value',
  observableValue: '8.8.4.4',
  pattern: "[ipv4-addr:value = '8.8.4.4']",
  timeGenerated: '2026-01-05T10:15:00.1234567Z',
  modified: '2026-01-05T10:00:00Z',
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2026-02-01T00:00:00Z',
  confidence: 100,
  tags: '',
  isActive: true,
  isDeleted: false,
  revoked: false,
  threatTypes: ['malicious-activity'],
  name: '',
  description: '',
  markings: [],
  labels: [],
  lastUpdateMethod: 'LogARepublisher',
};

export const anyType: fc.Arbitrary<IndicatorType> = fc.constantFrom(...INDICATOR_TYPES);

/** Few values, so that observations agree, tie and overlap often. */
const time = fc.integer({ min: 10, max: 29 }).map((day) => `2026-01-${day}T00:00:00.0000000Z`);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

export const anyFacts: fc.Arbitrary<Facts> = fc.record({
  threat: fc.constantFrom(...THREATS),
  confidence: maybe(fc.integer({ min: 0, max: 100 })),
  validFrom: maybe(time),
  validUntil: maybe(time),
  tlp: maybe(fc.constantFrom(...TLP_LEVELS)),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')).map((tags) => tags.toSorted()),
  description: maybe(fc.constantFrom('one', 'two', '')),
  ended: maybe(fc.constantFrom('deleted', 'revoked', 'inactive')),
});

export const anyVoices: fc.Arbitrary<readonly Voice[]> = fc.array(
  fc.record({ sourceSystem: fc.constantFrom('A', 'B', 'C'), sourceTime: time, facts: anyFacts }),
  { minLength: 1, maxLength: 6 },
);

const PIECES =
  String.raw`a Evil é xn--9ca 1 255 0x7f 010 com . [.] (dot) : [:] / // :// http hxxps ftp @ [@] [at] %41 % ? # " ' < >
  [ ] ( ) { \ :: ffff ::1 /32 /128 /24 :80 :443 *. mailto: - _ 。 ０ 😀
  \. \\. {.} [dot] <.> [/] [://] :[//] :\/\/ h**p meow [s] hxxps:// {at} dot at [email] #[email] sha1: imphash= aa- , ;
  « » [. .] 172.26.107.11 :: 5efe 64:ff9b:: 2002:`.split(/\s+/);

/** Text that looks enough like an observable to get past the first check, and text that does not. */
export const observableText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.constantFrom(...PIECES, ' ', '\u200b', '\u00ad', '\u200d', '\u00a0'), { maxLength: 14 })
    .map((parts) => parts.join('')),
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.domain(),
  fc.emailAddress(),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.webUrl({
    authoritySettings: { withUserInfo: true, withPort: true, withIPv4: true, withIPv6: true, withIPv4Extended: true },
  }),
);

/** What some place or other cannot hold, digest or quote: halves of pairs, NUL, separators, formulas, what is far too long. */
const ODD = [
  '\0',
  '\uD83D',
  '\uDE00',
  '\uFFFF',
  '\uFEFF',
  '\u2028',
  '\u0085',
  '\x7F',
  '\x1B[2J',
  '\r\n',
  '\t',
  '\\u0000',
  '"',
  "'",
  ',',
  '=1+1',
  '%',
  '%00',
  '%ED%A0%80',
  'İ',
  '\u0301',
  '‮',
  'ß',
  '😀',
  'x'.repeat(9_000),
];

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.oneof(fc.constantFrom(...ODD), observableText), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
);

const oddTime: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '0000-01-01T00:00:00.0000000Z',
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '1969-12-31T23:59:59.9999999Z',
    '9999-12-31T23:59:59.9999999Z',
    '9999-12-31T23:59:59.9999999-14:00',
    '9998-12-31T23:59:59.9999999Z',
    '2026-02-29T00:00:00Z',
    '+010000-01-01T00:00:00Z',
  ),
  fc
    .date({ min: new Date('-000001-01-01T00:00:00Z'), max: new Date('+010001-01-01T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  oddText,
);

/** A row of which any columns are odd, whatever it is about. */
export const oddRow: fc.Arbitrary<SourceRow> = fc
  .record(
    {
      id: oddText,
      sourceSystem: oddText,
      observableValue: fc.oneof(observableText, oddText),
      observableKey: fc.oneof(fc.constantFrom('url:value', 'domain-name:value', 'email-addr:value', ''), oddText),
      pattern: fc.oneof(
        oddText,
        fc.oneof(observableText, oddText).map((value) => `[url:value = '${value.replace(/[\\']/g, '\\$&')}']`),
      ),
      timeGenerated: oddTime,
      modified: oddTime,
      validFrom: oddTime,
      validUntil: oddTime,
      confidence: fc.oneof(fc.double(), fc.constantFrom(-0, 1e308, 100.5)),
      tags: fc.oneof(
        oddText,
        fc.array(oddText).map((tags) => JSON.stringify(tags)),
      ),
      threatTypes: fc.array(oddText),
      name: oddText,
      description: oddText,
      markings: fc.array(oddText),
      labels: fc.array(oddText),
    },
    { requiredKeys: [] },
  )
  .map(rowWith);

function rowWith(change: Partial<SourceRow>): SourceRow {
  return { ...ROW, ...change };
}
