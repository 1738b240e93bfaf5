import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { readPattern } from '../../indicators/stix-pattern.ts';
import { anyType } from './arbitraries.ts';

describe('a STIX pattern', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ["[ipv4-addr:value = '1.2.3.4']", [['ipv4-addr:value', '1.2.3.4']]],
    [" [ url:value='it\\'s \\\\ here' ] ", [['url:value', "it's \\ here"]]],
    ["[file:hashes.'SHA-256' = 'aa']", [["file:hashes.'SHA-256'", 'aa']]],
    [
      "[a:b = '1' AND (c:d = '2' or e:f = '3')]",
      [
        ['a:b', '1'],
        ['c:d', '2'],
        ['e:f', '3'],
      ],
    ],
    [
      "([a:b = '1'] OR [c:d IN ('2', '3')])",
      [
        ['a:b', '1'],
        ['c:d', '2'],
        ['c:d', '3'],
      ],
    ],
    [
      '[network-traffic:dst_port = 443 AND x:y = true]',
      [
        ['network-traffic:dst_port', '443'],
        ['x:y', 'true'],
      ],
    ],
    ["[network-traffic:protocols[0] = 'tcp']", [['network-traffic:protocols[0]', 'tcp']]],
    ["[process:x[*].'a\\'b' = '']", [["process:x[*].'a\\'b'", '']]],
  ])('%s is read', (pattern, wanted) => {
    expect(readPattern(pattern)).toEqual({ ok: true, comparisons: wanted.map(([key, value]) => ({ key, value })) });
  });

  it.each<[string, string, number]>([
    ['', 'it ends too early (Sentinel cuts at 1,000 characters)', 0],
    ["[a:b = '1'", 'it ends too early (Sentinel cuts at 1,000 characters)', 10],
    ["[a:b = '1", 'a quoted text does not end (Sentinel cuts at 1,000 characters)', 7],
    ["[a:b = '1'] FOLLOWEDBY [c:d = '2']", 'only OR can stand between observations, not FOLLOWEDBY', 12],
    ["[a:b = '1'] AND [c:d = '2']", 'only OR can stand between observations, not AND', 12],
    ["[a:b = '1'] WITHIN 5 SECONDS", 'only OR can stand between observations, not WITHIN', 12],
    ["[NOT a:b = '1']", 'a comparison starts with an object path, not NOT', 1],
    ["[a:b NOT = '1']", 'only = and IN are supported, not NOT', 5],
    ["[a:b LIKE '1%']", 'only = and IN are supported, not LIKE', 5],
    ["[a:b MATCHES '1']", 'only = and IN are supported, not MATCHES', 5],
    ["[a:b != '1']", 'only = and IN are supported', 5],
    ['[a:b >= 1]', 'only = and IN are supported', 5],
    ["[a:b = t'2026-01-01T00:00:00Z']", 'timestamps, hex and binary values are not supported', 7],
    ['[a:b IN ()]', 'only text, numbers and booleans are supported as values', 9],
    ['[a:b = secret]', 'only text, numbers and booleans are supported as values', 7],
    ['[]', 'a comparison starts with an object path', 1],
    ["a:b = '1'", 'an observation starts with [', 0],
    ["[a:b = '1' ; ]", 'a character that no pattern has', 11],
    [`${'('.repeat(60)}[a:b = '1']${')'.repeat(60)}`, 'it is nested too deeply', 51],
  ])('%s is refused with its place', (pattern, reason, position) => {
    expect(readPattern(pattern)).toEqual({ ok: false, reason, position });
  });

  it('gives back any value that is written as one', () => {
    fc.assert(
      fc.property(anyType, fc.string({ unit: 'binary' }), (type, value) => {
        const read = readPattern(stixPattern({ type, value }));
        expect(read.ok ? read.comparisons.map((comparison) => comparison.value) : read).toEqual([value]);
      }),
    );
  });

  it('is refused or read whatever the text, and never throws', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      'a:b',
      "file:hashes.'SHA-1'",
      '=',
      'IN',
      "'x'",
      "'",
      '\\',
      ',',
      ' ',
      'AND',
      'OR',
      'NOT',
      '12',
      '.',
      "t'",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (pattern) => {
          const read = readPattern(pattern);
          if (read.ok) expect(read.comparisons.length).toBeGreaterThan(0);
          else expect(read.position).toBeLessThanOrEqual(pattern.length);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('is read in time that grows with its length', () => {
    const long = `[${Array.from({ length: 20_000 }, (_, at) => `a:b = '${at}'`).join(' OR ')}]`;
    expect(readPattern(long)).toMatchObject({ ok: true, comparisons: { length: 20_000 } });
    expect(readPattern(`[a:${'b.'.repeat(50_000)}`).ok).toBe(false);
  });
});
