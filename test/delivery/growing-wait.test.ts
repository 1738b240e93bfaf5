import { expect, test } from 'vitest';
import { growingWait } from '../../delivery/growing-wait.ts';

const waits = (firstMs: number, attempts: number): readonly number[] =>
  Array.from({ length: attempts }, (_, index) => growingWait(firstMs, index + 1));

test('an import is asked after soon at first, then less and less often, at least once a minute', () => {
  expect(waits(2_000, 12)).toEqual([
    2_000, 3_000, 4_500, 6_750, 10_125, 15_188, 22_781, 34_172, 51_258, 60_000, 60_000, 60_000,
  ]);
  expect(growingWait(2_000, 10_000)).toBe(60_000);
});

test('a first wait of more than a minute stays', () => {
  expect(waits(600_000, 3)).toEqual([600_000, 600_000, 600_000]);
});
