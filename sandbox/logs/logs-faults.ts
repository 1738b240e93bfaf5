import { z } from 'zod';

const everyNth = z.number().int().min(0).default(0);

/** What the Log Analytics stand-in does wrong. Nothing, by default; `everyNth…` is 0 for never. */
export const logsFaults = z.strictObject({
  /** An answer of more rows is cut there and is a `PartialError` with HTTP 200. The service's own limit by default. */
  partialOverRows: z.number().int().min(0).default(500_000),
  /** The same for the size of the answer. */
  partialOverBytes: z.number().int().min(0).default(64_000_000),
  /** A query that would answer more rows ends as HTTP 504 instead; null for never. */
  timeoutOverRows: z.number().int().min(0).nullable().default(null),
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
});
export type LogsFaults = z.infer<typeof logsFaults>;
