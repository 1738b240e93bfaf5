import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchPlaces } from '../../ledger/batch-places.ts';

test('a group begins a batch of its own only where it would else be spread over one more', () => {
  const groups = new Map([
    ['c', 13],
    ['a', 7],
    ['b', 15],
  ]);
  // 15 after 7 would touch three batches of ten, and fill two.
  expect(batchPlaces(groups, 10)).toEqual({
    begins: new Map([
      ['a', 0],
      ['b', 10],
      ['c', 25],
    ]),
    end: 38,
  });
});

test('no group overlaps another one, and each is in as few batches as it fills', () => {
  const sizes = fc.uniqueArray(fc.tuple(fc.string(), fc.integer({ min: 1, max: 50 })), { selector: ([key]) => key });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 20 }), (all, size) => {
      const groups = new Map(all);
      const { begins, end } = batchPlaces(groups, size);
      let before = 0;
      for (const [key, at] of begins) {
        const items = groups.get(key) ?? 0;
        expect(at).toBeGreaterThanOrEqual(before);
        expect(at - before).toBeLessThan(size);
        expect(Math.floor((at + items - 1) / size) - Math.floor(at / size) + 1).toBe(Math.ceil(items / size));
        before = at + items;
      }
      expect(end).toBe(before);
      expect(begins.size).toBe(groups.size);
    }),
  );
});

test('the order in which groups are found changes nothing', () => {
  const groups: [string, number][] = [
    ['b', 3],
    ['é', 2],
    ['a', 4],
  ];
  const places = batchPlaces(new Map(groups), 5);
  expect(batchPlaces(new Map(groups.toReversed()), 5)).toEqual(places);
});
