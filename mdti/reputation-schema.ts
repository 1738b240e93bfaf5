import { z } from 'zod';
import type { Reputation } from '../indicators/reputation.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const rule = z
  .object({
    name: text,
    description: text,
    severity: text,
    relatedDetailsUrl: z
      .string()
      .nullish()
      .transform((value) => value ?? null),
  })
  .readonly();

/**
 * `microsoft.graph.security.hostReputation`. Classification and severity are open: Graph adds members, and says
 * `unknownFutureValue` to those who do not ask for them. A score of 0 stays a score: MDTI knows the host and nothing against it.
 * (Source: learn.microsoft.com/graph/api/security-host-get-reputation.)
 */
export const reputationSchema = z
  .object({
    classification: text,
    // The ledger keeps whole numbers; a part of one never reaches a minimum.
    score: z.number().min(0).max(100).transform(Math.floor),
    rules: z
      .array(rule)
      .nullish()
      .transform((rules) => rules ?? []),
  })
  .transform(
    ({ classification, score, rules }): Reputation => ({
      kind: 'scored',
      score,
      classification: classification === '' ? 'unknown' : classification,
      rules,
    }),
  );

const errorSchema = z.object({ error: z.object({ code: z.string(), message: text }) });

export interface GraphError {
  readonly code: string;
  readonly message: string;
}

/** What Graph's envelope of an error says; empty texts when the body is none. */
export function errorOf(body: unknown): GraphError {
  const parsed = errorSchema.safeParse(body);
  return parsed.success ? parsed.data.error : { code: '', message: '' };
}

/** The answer of `$batch`: in any order, and each with a status of its own. */
export const batchSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number().int(),
      headers: z.record(z.string(), z.unknown()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});
