import { z } from 'zod';

/** An observable as the platform keeps it; instants in milliseconds since 1970. */
export const observable = z.object({
  internalId: z.string(),
  standardId: z.string(),
  type: z.string(),
  value: z.string(),
  score: z.number().nullable(),
  /** Ids of labels. */
  labels: z.array(z.string()),
  /** Of those, the ones that a mutation put there. */
  labelled: z.array(z.string()),
  /** Standard ids, as that of `createdBy`. */
  markings: z.array(z.string()),
  createdBy: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Nobody but its organisation may change it. */
  restricted: z.boolean(),
});
export type Observable = z.infer<typeof observable>;

export const label = z.object({ internalId: z.string(), value: z.string() });
export type Label = z.infer<typeof label>;

export const note = z.object({
  internalId: z.string(),
  stixId: z.string().nullable(),
  content: z.string(),
  /** Internal ids. */
  objects: z.array(z.string()),
  /** Standard ids. */
  markings: z.array(z.string()),
});
export type Note = z.infer<typeof note>;
