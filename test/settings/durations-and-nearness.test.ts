import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../config/nearest.ts';
import { parseDuration } from '../../settings/duration.ts';
import { parseSize, size } from '../../settings/size.ts';

describe('durations and nearness', () => {
  test('a duration is its amount times its unit, whatever the unit', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(...Object.entries(units)), (amount, [unit, ms]) => {
        expect(parseDuration(`${amount}${unit}`)).toBe(amount * ms);
      }),
    );
    for (const wrong of ['', '5', 'm', '-5m', '5 minutes', '5M', '1e3s', '9999999999999w'])
      expect(parseDuration(wrong)).toBeNull();
  });

  test('a size is its amount times its unit', () => {
    expect(['1KiB', '64 MiB', '0MiB'].map(parseSize)).toEqual([1_024, 67_108_864, 0]);
    for (const wrong of ['', '64', 'MiB', '-1MiB', '64MB', '64mib', '1.5MiB', '1e3KiB'])
      expect(parseSize(wrong)).toBeNull();
  });

  test.each([
    ['64', 'expected a size such as 512KiB or 64MiB, found "64"'],
    [64, 'expected a size such as 512KiB or 64MiB, found 64 without a unit'],
    ['1KiB', 'expected a size from 64KiB to 256MiB, found 1KiB'],
    ['1024MiB', 'expected a size from 64KiB to 256MiB, found 1024MiB'],
  ])('a size that is %s is not one, and what is expected is said', (given, sentence) => {
    const read = size({ min: '64KiB', max: '256MiB' }).safeParse(given);
    expect(read.error?.issues.map(({ message }) => message)).toEqual([sentence]);
  });

  test('distance is zero for the same, symmetric, and no longer than the longer text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        expect(editDistance(one, one)).toBe(0);
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
    );
    expect(nearest('schedlue', ['source', 'schedule'])).toBe('schedule');
    expect(nearest('colour', ['source', 'schedule'])).toBeNull();
  });
});
