import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missing, split } from '../../indicators/coverage.ts';
import type { Window } from '../../indicators/window.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const covers = (windows: readonly Window[], ms: number): number =>
  windows.filter(({ from, to }) => ms >= Date.parse(from) && ms < Date.parse(to)).length;

const anyWindow = fc.tuple(fc.nat(50), fc.nat(50)).map(([from, to]) => ({ from: iso(from), to: iso(to) }));

describe('coverage', () => {
  it('misses exactly what no window covers', () => {
    fc.assert(
      fc.property(fc.array(anyWindow), fc.nat(50), fc.nat(50), (covered, from, to) => {
        const gaps = missing(covered, iso(from), iso(to));
        for (let ms = -1; ms <= 51; ms += 1) {
          const wanted = ms >= from && ms < to && covers(covered, ms) === 0 ? 1 : 0;
          expect(covers(gaps, ms)).toBe(wanted);
        }
        for (const [index, gap] of gaps.entries()) {
          expect(Date.parse(gap.from)).toBeLessThan(Date.parse(gap.to));
          // In order, and no two that are one gap.
          const next = gaps[index + 1];
          if (next !== undefined) expect(Date.parse(gap.to)).toBeLessThan(Date.parse(next.from));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('stops at a bound that is no time', () => {
    expect(() => missing([{ from: 'x', to: iso(5) }], iso(0), iso(9))).toThrow('not an ISO 8601 time');
  });
});

describe('splitting', () => {
  it('gives parts that lie end to end, cut at multiples of the length', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.integer({ min: 50, max: 20_000 }), (from, length, lengthMs) => {
        const parts = split({ from: iso(from), to: iso(from + length) }, lengthMs);
        const bounds = [iso(from), ...parts.map((part) => part.to)];
        expect(parts.map((part) => part.from)).toEqual(bounds.slice(0, -1));
        expect(bounds.at(-1)).toBe(iso(from + length));
        for (const inner of bounds.slice(1, -1)) expect(Date.parse(inner) % lengthMs).toBe(0);
        for (const part of parts) {
          const size = Date.parse(part.to) - Date.parse(part.from);
          expect(size).toBeGreaterThan(0);
          expect(size).toBeLessThanOrEqual(lengthMs);
        }
      }),
    );
  });

  it('cuts alike when it is planned again from a later start', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 100, max: 5_000 }), fc.nat(), (from, lengthMs, pick) => {
        const to = iso(from + 20_000);
        const parts = split({ from: iso(from), to }, lengthMs);
        const at = pick % parts.length;
        expect(split({ from: parts[at]?.from ?? '', to }, lengthMs)).toEqual(parts.slice(at));
      }),
    );
  });

  it('refuses a length that would never end', () => {
    expect(() => split({ from: iso(0), to: iso(1) }, 0)).toThrow('not a positive number');
  });
});
