import { expect } from 'vitest';
import { z } from 'zod';

/** What a run that has ended says of its rows. */
export const runSums = z.object({
  rows: z.number(),
  new: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  excluded: z.number(),
  malformed: z.number(),
  merged: z.number(),
  held: z.number(),
  confirmed: z.number(),
  rejected: z.number(),
  pending: z.number(),
});

/** Every row is accounted for, and nothing of it is left to do. */
export function expectRightSums(run: z.infer<typeof runSums>): void {
  expect(run.rows).toBe(run.new + run.changed + run.unchanged + run.excluded + run.malformed + run.merged);
  expect(run.new + run.changed).toBe(run.held + run.confirmed + run.rejected + run.pending);
  expect(run.pending).toBe(0);
}
