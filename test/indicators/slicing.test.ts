import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, planSlices, sliceName } from '../../indicators/slicing.ts';
import type { Slice } from '../../indicators/window.ts';

const WINDOW = { from: '2026-11-24T08:00:00.000Z', to: '2026-11-24T08:15:00.000Z' };

/** Whether a row with this hash, ingested then, is read by the slice. */
function reads(slice: Slice, hash: number, at: number): boolean {
  return hash % slice.buckets === slice.bucket && at >= Date.parse(slice.from) && at < Date.parse(slice.to);
}

const row = fc.record({
  hash: fc.integer({ min: 0 }),
  at: fc.integer({ min: Date.parse(WINDOW.from), max: Date.parse(WINDOW.to) - 1 }),
});

describe('slices', () => {
  it('are as many as the rows need', () => {
    const count = (rows: number) => planSlices(WINDOW, rows, { targetRows: 20_000 }).length;
    expect([0, 1, 20_000, 20_001, 2_000_000].map(count)).toEqual([0, 1, 1, 2, 100]);
    expect(count(Number.MAX_SAFE_INTEGER)).toBe(65_536);
  });

  it('read every row exactly once, however often they are halved', () => {
    const halvings = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), halvings, fc.array(row), (rows, picks, data) => {
        let slices = planSlices(WINDOW, rows, { targetRows: 10 });
        for (const pick of picks) {
          const at = pick % slices.length;
          slices = slices.flatMap((slice, index) => (index === at ? (halve(slice) ?? [slice]) : [slice]));
        }
        for (const { hash, at } of data) expect(slices.filter((slice) => reads(slice, hash, at))).toHaveLength(1);
        expect(new Set(slices.map(sliceName)).size).toBe(slices.length);
      }),
    );
  });

  it('are halved by time once the buckets are as fine as they get, and then no more', () => {
    let slice: Slice = { ...WINDOW, bucket: 5, buckets: 40_000 };
    let halvings = 0;
    for (let halves = halve(slice); halves !== null; halves = halve(slice)) {
      const [first, second] = halves;
      expect([first.from, first.to, second.to]).toEqual([slice.from, second.from, slice.to]);
      slice = second;
      halvings += 1;
    }
    expect(halvings).toBe(10);
    expect(slice.buckets).toBe(40_000);
    expect(Date.parse(slice.to) - Date.parse(slice.from)).toBeLessThanOrEqual(1_000);
  });

  it('have short names', () => {
    expect(sliceName({ ...WINDOW, bucket: 3, buckets: 8 })).toBe('3/8@2026-11-24T08:00Z..2026-11-24T08:15Z');
    const odd = { from: '2026-11-24T08:00:30.000Z', to: '2026-11-24T08:00:30.500Z', bucket: 0, buckets: 1 };
    expect(sliceName(odd)).toBe('0/1@2026-11-24T08:00:30Z..2026-11-24T08:00:30.500Z');
  });
});
