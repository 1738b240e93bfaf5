import { z } from 'zod';
import type { Reputation, Rule } from '../indicators/reputation.ts';

/** Longer texts, and more rules, are cut: they are shown, and nothing is decided by them. */
const LONGEST_TEXT = 2_000;
const MOST_RULES = 100;

/** There or not. */
const anything = z.unknown().optional();

/** Any value as text that the ledger can keep: PostgreSQL takes neither NUL nor half a character. Empty for what is no text. */
const text = anything.transform((value) => (typeof value === 'string' ? storable(value) : ''));

function storable(value: string): string {
  return value
    .slice(0, LONGEST_TEXT)
    .replaceAll('\u0000', '\ufffd')
    .replaceAll(/[\ud800-\udfff]/gu, '\ufffd');
}

const rule = z
  .object({
    name: text,
    description: text,
    severity: text,
    relatedDetailsUrl: text.transform((url) => (url === '' ? null : url)),
  })
  .readonly();

/** A rule that cannot be read costs that rule; what is no list has none. */
const rules = anything.transform((value): readonly Rule[] =>
  Array.isArray(value) ? value.slice(0, MOST_RULES).flatMap((one) => rule.safeParse(one).data ?? []) : [],
);

/** An `Int32` from 0 to 100, as number or text. Without it there is no reputation: nobody says that a missing one means none. */
const score = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^\d{1,3}(?:\.\d{1,10})?$/)
      .transform(Number),
  ])
  .pipe(z.number().min(0).max(100).transform(Math.floor));

/**
 * `microsoft.graph.security.hostReputation`, each field alone. Classification and severity are open: Graph adds members, and says
 * `unknownFutureValue` to those who do not ask for them. A score of 0 stays a score: MDTI knows the host and nothing against it.
 * (Source: learn.microsoft.com/graph/api/security-host-get-reputation.)
 */
export const reputationSchema = z.object({ classification: text, score, rules }).transform(
  (read): Reputation => ({
    kind: 'scored',
    score: read.score,
    classification: read.classification === '' ? 'unknown' : read.classification,
    rules: read.rules,
  }),
);

const errorSchema = z.object({ error: z.object({ code: text, message: text }) });

export interface GraphError {
  readonly code: string;
  readonly message: string;
}

/** What Graph's envelope of an error says; empty texts when the body is none. */
export function errorOf(body: unknown): GraphError {
  const parsed = errorSchema.safeParse(body);
  return parsed.success ? parsed.data.error : { code: '', message: '' };
}

/** The answer of `$batch`. */
export const batchSchema = z.object({ responses: z.array(z.unknown()) });

/** One of its answers, which come in any order, each with a status of its own. */
export const batchResponseSchema = z.object({
  id: z.union([z.string(), z.number().transform(String)]),
  status: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{3}$/)
        .transform(Number),
    ])
    .pipe(z.int().min(100).max(599)),
  headers: anything.transform(
    (value): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {}),
  ),
  body: anything,
});
