import { z } from 'zod';
import { hostFault } from './host-fault.ts';
import { setReputation } from './set-reputation.ts';

const everyNth = z.int().min(0).default(0);

/** What goes wrong in the Graph stand-in. Everything is off by default; an `everyNth…` of 0 is off, of 1 is every time. */
export const graphFaults = z.strictObject({
  /** `$batch` answers 400: the tenant's Graph does not take these requests in a batch. */
  noBatch: z.boolean().default(false),
  /** Every reputation is the 500 that a tenant without the licence gets. */
  licence: z.boolean().default(false),
  /** Every reputation is a 403: the application permission is missing. */
  forbidden: z.boolean().default(false),
  /** Look-ups, alone or inside a batch, that are throttled. */
  everyNthInner429: everyNth,
  everyNthInner500: everyNth,
  /**
   * The status of a batch with 429s in it: the documentation said 424 for years, and says 200 since. (Sources:
   * microsoft-graph-docs-contrib#8883; learn.microsoft.com/graph/throttling, "Throttling and batching".)
   */
  throttledBatch: z.literal([200, 424]).default(200),
  /** Look-ups that are answered 200 with JSON of another shape. */
  unreadable: everyNth,
  /** Hosts of whom nothing else is ever answered: `host-fault.ts` has what. */
  hosts: z.record(z.string(), hostFault).default({}),
  /** Hosts whose reputation is another one than what is made up. A patch that names them replaces them all. */
  reputations: z.record(z.string(), setReputation).default({}),
  /** Whole requests that are throttled. */
  everyNth429: everyNth,
  everyNth503: everyNth,
  /** Whole requests that a proxy answers with an HTML page and 502. */
  everyNthHtml: everyNth,
  /** In the `Retry-After` of every 429; null leaves the header out. */
  retryAfterSeconds: z.int().min(0).nullable().default(1),
  /** The share of hosts that MDTI does not know, instead of one in ten. */
  notFoundShare: z.number().min(0).max(1).optional(),
});
export type GraphFaults = z.infer<typeof graphFaults>;
