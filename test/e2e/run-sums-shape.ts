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
