import { z } from 'zod';
import { decayRule } from './opencti-faults.ts';

const decay = z.object({
  rule: decayRule,
  baseScore: z.number(),
  baseScoreDate: z.number(),
  /** Scores that the ingester's user has set. */
  setByUs: z.array(z.number()),
});

/** An indicator as the platform keeps it; instants in milliseconds since 1970. */
export const indicator = z.object({
  /** In the order of creation. */
  ordinal: z.int(),
  internalId: z.string(),
  standardId: z.string(),
  /** Others that it came with. */
  stixIds: z.array(z.string()),
  pattern: z.string(),
  patternType: z.string(),
  /** What the pattern compares with. */
  values: z.array(z.string()),
  name: z.string(),
  description: z.string().nullable(),
  indicatorTypes: z.array(z.string()),
  validFrom: z.number(),
  validUntil: z.number(),
  revoked: z.boolean(),
  score: z.number(),
  detection: z.boolean(),
  mainObservableType: z.string(),
  confidence: z.number(),
  labels: z.array(z.string()),
  /** Standard ids, as that of `createdBy`. */
  markings: z.array(z.string()),
  createdBy: z.string().nullable(),
  created: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  decay: decay.nullable(),
  /** Only in a draft. */
  draft: z.boolean(),
  /** The form in which it last came in. */
  received: z.string(),
});
export type Indicator = z.infer<typeof indicator>;

/** Whether someone who looks at the platform is shown it as current. */
export function isCurrent({ revoked, validUntil }: Indicator, now: number): boolean {
  return !revoked && validUntil > now;
}
