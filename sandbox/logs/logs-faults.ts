import { z } from 'zod';

const everyNth = z.number().int().min(0).default(0);

/**
 * What the Log Analytics stand-in does wrong. Nothing, by default; `everyNth…` is 0 for never. A query that is not done in the time
 * of its `Prefer: wait` is a 504, which depends on the query as well as on the load of the system and the workspace (facts/apis.md
 * 5.1; learn.microsoft.com, "Azure Monitor Log Analytics API timeouts").
 */
export const logsFaults = z.strictObject({
  /** An answer of more rows is cut there and is a `PartialError` with HTTP 200. The service's own limit by default. */
  partialOverRows: z.number().int().min(0).default(500_000),
  /** The same for the size of the answer. */
  partialOverBytes: z.number().int().min(0).default(64_000_000),
  /** A query that would answer more rows ends as HTTP 504 instead; null for never. */
  timeoutOverRows: z.number().int().min(0).nullable().default(null),
  /** A query ends as HTTP 504: every nth of those that `timeoutsOf` names, or the first so many of them since this was set. */
  everyNth504: everyNth,
  first504: z.number().int().min(0).default(0),
  /** Queries that answer rows of the table by their Id, the others (counts), or all. */
  timeoutsOf: z.enum(['all', 'rows', 'counts']).default('all'),
  /** A query that would answer a row with one of these observables ends as HTTP 504, however often it is asked. */
  timeoutValues: z.array(z.string()).default([]),
  everyNth429: everyNth,
  everyNth503: everyNth,
  /** HTTP 502 with a page of HTML, as a proxy answers. */
  everyNthHtml: everyNth,
  retryAfterSeconds: z.number().int().min(0).default(1),
  /** HTTP 204 without a body, to every query. */
  noContent: z.boolean().default(false),
  /** HTTP 200 without a body, to every query. */
  emptyBody: z.boolean().default(false),
  /** HTTP 403 to every query: the application has no role on the workspace. */
  forbidden: z.boolean().default(false),
  /** How far the service's clock is ahead of this machine's; less than 0 when it is behind. Rows that arrive take their time from it. */
  clockAheadMs: z.number().int().default(0),
});
export type LogsFaults = z.infer<typeof logsFaults>;
