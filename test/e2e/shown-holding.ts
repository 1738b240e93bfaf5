import { z } from 'zod';

/** One observable as the sandbox's control shows it. */
export const holding = z.object({
  id: z.number(),
  value: z.string(),
  type: z.string(),
  itype: z.string(),
  confidence: z.number(),
  severity: z.string(),
  tlp: z.string().nullable(),
  tags: z.array(z.string()),
  expiration: z.string().nullable(),
  status: z.enum(['active', 'awaiting-review', 'gone']),
});
export type Holding = z.infer<typeof holding>;
