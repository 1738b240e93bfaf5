import { expect } from 'vitest';
import type { z } from 'zod';
import type { runSums } from './run-sums-shape.ts';

export { runSums } from './run-sums-shape.ts';

/** Every row is accounted for, and nothing of it is left to do. */
export function expectRightSums(run: z.infer<typeof runSums>): void {
  expect(run.rows).toBe(run.new + run.changed + run.unchanged + run.excluded + run.malformed + run.merged);
  expect(run.new + run.changed).toBe(run.held + run.confirmed + run.rejected + run.pending);
  expect(run.pending).toBe(0);
}
