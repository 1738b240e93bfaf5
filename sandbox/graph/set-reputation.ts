import { z } from 'zod';
import type { ReputationBody } from './made-up-reputation.ts';

/** What MDTI says of a host from now on, instead of what is made up for it; null: that it does not know it. */
export const setReputation = z
  .strictObject({
    score: z.int().min(0).max(100),
    classification: z.enum(['unknown', 'neutral', 'suspicious', 'malicious']),
    rules: z
      .array(
        z.strictObject({
          name: z.string(),
          description: z.string().default(''),
          severity: z.enum(['low', 'medium', 'high']).default('medium'),
          relatedDetailsUrl: z.string().nullable().default(null),
        }),
      )
      .default([]),
  })
  .nullable();
type SetReputation = z.infer<typeof setReputation>;

/** As Graph has it. */
export function reputationBody(set: SetReputation): ReputationBody | null {
  if (set === null) return null;
  return {
    '@odata.type': '#microsoft.graph.security.hostReputation',
    id: '00000000-0000-0000-0000-000000000001',
    ...set,
  };
}
