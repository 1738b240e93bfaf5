import { z } from 'zod';

const values = z.array(z.string().min(1)).default([]);

/** What a request comes to of which an object is not valid; `refused`: all of it, with 400 and the same list; `refused-unnamed`: without. */
const invalid = z.enum(['listed', 'refused', 'refused-unnamed']).default('listed');

/**
 * What goes wrong in the stand-in of Sentinel's upload API, off by default, and what the sources leave open, each with both its ways. Pages
 * are those of learn.microsoft.com: "stix-objects-api" is "Import threat intelligence to Microsoft Sentinel with the upload API",
 * "work-with-stix-objects" is "Work with STIX objects and indicators to enhance threat intelligence".
 */
export const sentinelUploadFaults = z.strictObject({
  /** Of one user; null for no limit. (Source: stix-objects-api, "Throttling limits for the API".) */
  requestsPerMinute: z.int().min(1).nullable().default(100),
  /** Whether a 429 says by `Retry-After`, too, what its text says. (UNCONFIRMED: the page shows the body alone.) */
  retryAfterHeader: z.boolean().default(false),
  /**
   * Whether the application has the role Microsoft Sentinel Contributor on the workspace; an assignment takes a while to count. (The role:
   * stix-objects-api. Which of the two statuses says that it is missing is UNCONFIRMED: the page lists only 401.)
   */
  role: z.enum(['granted', 'forbidden', 'unauthorised']).default('granted'),
  /** A request with an object that is not valid, and others that are. (Source: stix-objects-api shows `listed`; else UNCONFIRMED.) */
  oneInvalid: invalid,
  /** A request of which no object is valid. (UNCONFIRMED: the page promises a 200 "when one or more" objects are valid.) */
  allInvalid: invalid,
  /** Objects that name one of these observables are not valid. */
  invalidValues: values,
  /** A request with an object that names one of these is declined whole, with 400, and does not say why. */
  poison: values,
  /** Objects that name one of these are accepted, and that is the last that is heard of them. */
  lost: values,
  /** Rows of these observables are filtered out before they are stored. (Source: work-with-stix-objects, "Transform away rows".) */
  transformedAway: values,
  /**
   * Which versions of an object count: those that are modified later than the one there, the others being passed over without a word; or
   * whichever came last. (UNCONFIRMED; STIX 2.1, 3.6 has the later one count.)
   */
  versions: z.enum(['later', 'last']).default('later'),
  /**
   * What becomes of a further version of a revoked object. (UNCONFIRMED; stix-objects-api: "future versions of the object with this id must
   * not be created".)
   */
  afterRevoked: z.enum(['ignored', 'listed', 'taken']).default('ignored'),
  /** How long what is uploaded takes to be seen by a query. (Source: cudeso/misp2sentinel, pull request 162, "query lag".) */
  ingestionLagMs: z.int().min(0).default(0),
  /** Only these observables take so long; none for all of them. */
  lagging: values,
  /**
   * What the management API's `DELETE` does besides answering 200. (Sources: cudeso/misp2sentinel, pull request 162, for `nothing`;
   * OpenCTI-Platform/connectors, microsoft-sentinel-intel, relies on `object`.)
   */
  deletes: z.enum(['nothing', 'object']).default('nothing'),
  /** The column `Data` can be filtered out. (Source: work-with-stix-objects, "Transform away columns".) */
  dataColumn: z.enum(['object', 'absent']).default('object'),
  /**
   * Whether `Data` has properties that Sentinel has no name for. (UNCONFIRMED; stix-objects-api: they are "not referenced or indexed in the
   * workspace".)
   */
  unknownProperties: z.enum(['kept', 'left-out']).default('kept'),
});
export type SentinelUploadFaults = z.infer<typeof sentinelUploadFaults>;
