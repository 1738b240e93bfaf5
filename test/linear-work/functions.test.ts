import { describe, expect, test } from 'vitest';
import { readList } from '../../client/values/read-list.ts';
import { comparable, textValue } from '../../destinations/threatstream/text-value.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { canonicalKey } from '../../indicators/canonical.ts';
import { canonicalHost } from '../../indicators/host.ts';
import { INDICATOR_TYPES } from '../../indicators/indicator.ts';
import { observableType } from '../../indicators/observable-key.ts';
import { plainWords } from '../../indicators/plain-words.ts';
import { readRow } from '../../indicators/read-row.ts';
import { refang, refangHost, refangRest, refangScheme } from '../../indicators/refang.ts';
import type { SourceRow } from '../../indicators/source-row.ts';
import { readPattern } from '../../indicators/stix-pattern.ts';
import { excerpt, storableText } from '../../indicators/storable-text.ts';
import { splitTags, tidyTags } from '../../indicators/tags.ts';
import { threatOf } from '../../indicators/threat.ts';
import { sourceTime } from '../../indicators/time.ts';
import { isTlpTag, tlpOf } from '../../indicators/tlp.ts';
import { canonicalUntyped } from '../../indicators/untyped.ts';
import { trimmedEnd, unwrap } from '../../indicators/unwrap.ts';
import { canonicalUrl, hostOf } from '../../indicators/url.ts';
import { workOf } from './work-meter.ts';

const LENGTH = 2_000;
/** Twice the length, twice the work; a sort takes a little more. */
const LINEAR = 2.4;
const CHARACTERS = [...':/[](){}<>"\'`\\.,;@%#?=-+_ \t\0a0AZé中'.split(''), '\u{1f600}', '\ud800'];
const UNITS = [
  ...CHARACTERS.concat([
    'a.',
    'a:',
    'a@',
    'a,',
    '1.',
    '[.]',
    '(dot)',
    '[:]',
    '%41',
    'hxxp://',
    'http://',
    'http://a@',
    "\\'",
    ' OR ',
    'tlp:',
    '"a",',
    '[a]',
    '("',
    '9 ',
  ]),
  "[url:value = 'a'] OR ",
  "a:b.'c'.",
];
const FRAMES = [
  ['', ''],
  ['http://', ''],
  ['[', ']'],
  ['[::', '\n'],
  ["[url:value = '", ''],
  ["[url:value IN ('a'", ')]'],
  ['["', '"]'],
] as const;

/** Texts whose doubling costs more than twice the work. */
function notLinear(work: (text: string) => unknown, units = UNITS): readonly string[] {
  return units.flatMap((unit) =>
    FRAMES.filter(([before, after]) => {
      const costOf = (length: number): number => {
        const text = before + unit.repeat(Math.ceil(length / unit.length)) + after;
        return workOf(() => void work(text));
      };
      return costOf(2 * LENGTH) > LINEAR * costOf(LENGTH) + 200;
    }).map(([before, after]) => JSON.stringify([before, unit, after])),
  );
}

const row: SourceRow = {
  id: 'id',
  sourceSystem: 'Microsoft Defender Threat Intelligence',
  observableKey: 'url:value',
  observableValue: 'http://evil.example.com/',
  pattern: '',
  timeGenerated: '2026-11-24T08:01:00.1234567Z',
  modified: null,
  validFrom: null,
  validUntil: null,
  confidence: 90,
  tags: '',
  isActive: true,
  isDeleted: false,
  revoked: false,
  threatTypes: [],
  name: '',
  description: '',
  markings: [],
  labels: [],
  lastUpdateMethod: '',
};
const now = new Date('2026-11-24T08:00:00Z');

function pieces(text: string): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / 20) }, (_, at) => text.slice(20 * at, 20 * at + 20));
}

const FUNCTIONS: readonly (readonly [string, (text: string) => unknown])[] = [
  ...INDICATOR_TYPES.map((type) => [`canonicalKey ${type}`, (text: string) => canonicalKey(type, text)] as const),
  ...(['url', 'email'] as const).map(
    (type) => [`hostOf ${type}`, (text: string) => hostOf({ type, value: text })] as const,
  ),
  ['canonicalUntyped', canonicalUntyped],
  ['readList', (text) => readList(text, null)],
  ['canonicalHost', canonicalHost],
  ['canonicalUrl', canonicalUrl],
  ['observableType', observableType],
  ['plainWords', plainWords],
  ['refang', refang],
  ['refangHost', refangHost],
  ['refangRest', refangRest],
  ['refangScheme', refangScheme],
  ['unwrap', unwrap],
  ['trimmedEnd', (text) => trimmedEnd(text, text.slice(0, 1))],
  ['readPattern', readPattern],
  ['storableText', storableText],
  ['excerpt', (text) => excerpt(text, 500)],
  ['splitTags and tidyTags', (text) => tidyTags(splitTags(text).texts)],
  ['threatOf', (text) => threatOf([text], splitTags(text).texts)],
  ['sourceTime', sourceTime],
  ['isTlpTag', isTlpTag],
  ['tlpOf', (text) => tlpOf(pieces(text), splitTags(text).texts)],
  ['jsonTexts', (text) => splitTags(JSON.stringify(pieces(text)))],
  ['retryAfterMs', (text) => retryAfterMs({ 'retry-after': text, date: text }, text, now)],
  ['textValue', textValue],
  ['comparable', comparable],
  ...(['observableKey', 'observableValue', 'tags', 'name', 'description', 'id', 'timeGenerated'] as const).map(
    (field) => [`readRow, ${field}`, (text: string) => readRow({ ...row, [field]: text })] as const,
  ),
  ['readRow, pattern', (text) => readRow({ ...row, observableKey: '', pattern: text })],
  ['readRow, lists', (text) => readRow({ ...row, labels: pieces(text), markings: pieces(text), threatTypes: [text] })],
];

describe('what reads text from outside', () => {
  test.each(FUNCTIONS)('%s: twice the text is twice the work', (_, work) => {
    expect(notLinear(work)).toEqual([]);
  });

  test.each<readonly [string, (text: string) => unknown]>([
    [
      'a list looked through for each of its items',
      (text) => text.split('').filter((one, at, all) => all.indexOf(`${one} `) !== at),
    ],
    [
      'a text cut at each turn of a loop',
      (text) => {
        for (let rest = text; rest !== ''; rest = rest.replace(/^[^]/, ''));
      },
    ],
    [
      'a text searched from each of its places',
      (text) => text.split('').map((_, at) => text.slice(at).includes('\u0001')),
    ],
  ])('%s is found not to be linear', (_, work) => {
    expect(notLinear(work, [':', 'a.'])).not.toEqual([]);
  });
});

describe('a row with more than a column can hold', () => {
  const rows: readonly (readonly [string, Partial<SourceRow>, string])[] = [
    ['a key', { observableKey: 'a'.repeat(1_001) }, 'ObservableKey is longer than 1000 characters'],
    [
      'a value of colons',
      { observableKey: 'domain-name:value', observableValue: ':'.repeat(16_385) },
      'ObservableValue is longer than 16384 characters',
    ],
    ['a pattern', { pattern: '['.repeat(262_145) }, 'Pattern is longer than 262144 characters'],
    ['a time', { validUntil: '0'.repeat(65) }, 'ValidUntil is longer than 64 characters'],
    ['tags', { tags: ','.repeat(262_145) }, 'Tags is longer than 262144 characters'],
    ['labels', { labels: Array.from({ length: 140_000 }, () => 'a') }, 'Labels is longer than 262144 characters'],
    ['a description', { description: ' '.repeat(262_145) }, 'Description is longer than 262144 characters'],
    ['an id', { id: 'a'.repeat(801) }, 'Id is longer than 800 characters'],
  ];

  test.each(rows)('as %s is malformed, and says which', (_, part, reason) => {
    expect(readRow({ ...row, ...part })).toEqual({ kind: 'malformed', reason });
  });

  test.each(['domain-name:value', 'ipv6-addr:value', 'url:value', 'email-addr:value', "file:hashes.'SHA-256'"])(
    'does not hold up one of %s with 8,000 colons',
    (observableKey) => {
      for (const around of ['', '[', '[]', ']']) {
        const observableValue = around.slice(0, 1) + ':'.repeat(8_000) + around.slice(1);
        expect(readRow({ ...row, observableKey, observableValue })).toMatchObject({ kind: 'malformed' });
      }
    },
  );
});
