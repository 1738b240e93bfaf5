import { z } from 'zod';

/** Hosts of one question at most: with names of the longest kind well below what Temporal takes in one payload. */
export const MOST_HOSTS = 500;

/** What the command line asks: the reputations of hosts, each in its canonical form. */
export const reputationsAsked = z.object({ hosts: z.array(z.string().min(1).max(253)).min(1).max(MOST_HOSTS) });

const checked = {
  /** When MDTI was asked, as ISO 8601. */
  checked: z.string(),
  /** Since the exchange was opened; else it was known already. */
  isNew: z.boolean(),
};

const hostReputation = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('scored'),
    score: z.number(),
    classification: z.string(),
    rules: z.array(z.object({ name: z.string(), severity: z.string() })),
    ...checked,
  }),
  z.object({ kind: z.literal('none'), ...checked }),
  /** MDTI answers for others and not for this one. */
  z.object({
    kind: z.literal('failed'),
    why: z.enum(['look-up-failed', 'unreadable-reputation']),
    /** A sentence without the host. */
    failure: z.string(),
    /** It is tried again from then on, as ISO 8601. */
    until: z.string(),
  }),
]);

/** What is known of one host. */
export type HostReputation = z.infer<typeof hostReputation>;

/** What a worker answers: of the first of the hosts, in their order, as many as are short enough together, and one at least. */
export const reputationsAnswered = z.object({ reputations: z.array(hostReputation).min(1) });
