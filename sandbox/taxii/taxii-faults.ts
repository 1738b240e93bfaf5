import { z } from 'zod';

const everyNth = z.int().min(0).default(0);
const values = z.array(z.string().min(1)).default([]);

/**
 * What goes wrong in the TAXII stand-in, off by default. Values are observables, or parts of them. What is said of medallion was read from
 * 3.0.0 with its memory backend, what is said of OpenTAXII from 0.9.3.
 */
export const taxiiFaults = z.strictObject({
  /**
   * Which of two servers it is like in all in which they differ, most of all in what becomes of an object that it has already: a failure
   * although it is there, or a success although the content is another. (Source: medallion; OpenTAXII.)
   */
  duplicates: z.enum(['medallion', 'opentaxii']).default('medallion'),
  /** An object that is there already is a success, "Object already added". (Source: medallion's unreleased master, cti-taxii-server PR #150.) */
  duplicatesSucceed: z.boolean().default(false),
  /** An addition is answered with the status `pending`, and is there so many requests later, and not before so long. (Source: TAXII 2.1, 5.5.) */
  appearsAfterRequests: z.int().min(0).default(0),
  appearsAfterMs: z.int().min(0).default(0),
  /** Status resources are gone as soon as they were told of, or say `pending` for good. (Source: TAXII 2.1, 4.3: a server may delete them.) */
  status: z.enum(['answers', 'missing', 'stuck']).default('answers'),
  /** Bytes of a whole body, also what the API root says. (Source: TAXII 2.1, 4.2; 10 MB is medallion's example, too.) */
  maxContentLength: z.int().positive().default(10_485_760),
  /** Bytes of a body that a proxy in front lets through, whatever the API root says; null: all. (Source: nginx, `client_max_body_size`: 1 MB.) */
  proxyBodyLimit: z.int().positive().nullable().default(null),
  /** Characters of a path and its query that a proxy takes; null: all. (Source: nginx, `large_client_header_buffers`: 8 kB; gunicorn, 4,094.) */
  longestPath: z.int().positive().nullable().default(null),
  /** Objects in an answer; null: 100 like medallion, all like OpenTAXII. (Source: TAXII 2.1, 3.4: a server may give less than `limit`.) */
  pageSize: z.int().positive().nullable().default(null),
  /** A `next` is unknown by the time that it comes. (Source: medallion forgets it after 30 seconds.) */
  nextForgotten: z.boolean().default(false),
  /** What a path without its last slash is answered: 308 like medallion, 404 like OpenTAXII; null: like the one that it is like. */
  missingSlash: z.enum(['redirect', 'missing']).nullable().default(null),
  /** Where every request is sent on to, path and all: another host, which must not see a password. (Source: RFC 9110, 15.4 and 11.6.2.) */
  redirectsTo: z.url().nullable().default(null),
  /** Values listed in `failures`, of a status that is complete, and not taken. (Source: TAXII 2.1, 4.3.1.) */
  failValues: values,
  failMessage: z.string().default('Unable to process object'),
  /** Values listed in `pendings` of a status that never completes. (Source: TAXII 2.1, 4.3.1.) */
  pendValues: values,
  /** Values listed in `successes` that are never there. (Source: TAXII 2.1, 5.5: a 202 promises no more than that it was taken in.) */
  dropValues: values,
  /** A request with one of these values: 422 once all before it were taken, like medallion; 400 with nothing taken, like OpenTAXII. */
  poison: values,
  /** Requests that are answered 503. (Source: RFC 9110, 15.6.4.) Of 1: all. */
  everyNth503: everyNth,
  /** In the `Retry-After` of a 503, in seconds or as a date so many seconds ahead; null leaves it out. (Source: RFC 9110, 10.2.3.) */
  retryAfterSeconds: z.int().min(0).nullable().default(1),
  retryAfterAs: z.enum(['seconds', 'date']).default('seconds'),
  /** False: the collection says `can_write: false`, and refuses. (Source: TAXII 2.1, 5.2.1 and 5.5.) */
  canWrite: z.boolean().default(true),
  /** The collection says `can_write: true`, and refuses this user all the same. (Source: TAXII 2.1, 5.5: 403.) */
  writesRefused: z.boolean().default(false),
  /** The collection was taken away. (Source: TAXII 2.1, 5.2: 404.) */
  collectionGone: z.boolean().default(false),
  /** `DELETE` is optional. (Source: TAXII 2.1, 5.7.) */
  deletes: z.enum(['answers', 'unsupported']).default('answers'),
  /** Which of the two ways of signing in is taken. (Source: medallion takes a password only; others, a token.) */
  signIn: z.enum(['both', 'basic', 'bearer']).default('both'),
  /** Another form in which the instants of an object come back: the same instant. (Source: STIX 2.1, 3.2: any number of decimals.) */
  instants: z.enum(['as-sent', 'microseconds']).default('as-sent'),
  /**
   * What a newer version of a revoked object is: `gone` for those who read it, as they were told that nothing comes after; `held`, for those
   * who go by the newest; `refused`, as a failure. (Source: STIX 2.1, 3.6; servers and consumers differ.)
   */
  afterRevocation: z.enum(['gone', 'held', 'refused']).default('gone'),
  /** So many indicators of another producer are there first, about values of its own. (Source: TAXII 2.1, 1.4: a collection has many producers.) */
  foreignObjects: z.int().min(0).default(0),
  /** Values of which another producer adds a version to our id, an hour newer. (Source: OpenCTI derives ids from patterns alone.) */
  overwritten: values,
  /** Some producer left an object whose id is a number: each read without `match[id]` answers 500. (Source: medallion.) */
  readsBroken: z.boolean().default(false),
});
export type TaxiiFaults = z.infer<typeof taxiiFaults>;

/** Whether an observable is one of those that a fault is about. */
export function isAmong(list: readonly string[], observable: string | null): boolean {
  return observable !== null && list.some((part) => observable.includes(part));
}
