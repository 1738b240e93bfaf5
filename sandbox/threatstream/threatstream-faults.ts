import { z } from 'zod';

const everyNth = z.int().min(0).default(0);
const share = z.number().min(0).max(1);

/** What goes wrong in the ThreatStream stand-in. Everything is off by default; an `everyNth…` of 0 is off, of 1 is every time. */
export const threatStreamFaults = z.strictObject({
  /** Requests of any kind. */
  everyNth429: everyNth,
  everyNth503: everyNth,
  /** Requests that a proxy answers with an HTML page and 502. */
  everyNthHtml: everyNth,
  /** In the `Retry-After` of every 429; null leaves the header out. */
  retryAfterSeconds: z.int().min(0).nullable().default(1),
  /** Everything answers 503. */
  outage: z.boolean().default(false),
  /** Everything answers 401. */
  unauthorised: z.boolean().default(false),
  /** The user may import, but not approve. */
  noApprovePermission: z.boolean().default(false),
  /** Every Nth import or bulk write is taken in whole, then the connection is cut. */
  lostAcks: everyNth,
  /** Every Nth import or bulk write is cut before it is taken in. */
  lostRequests: everyNth,
  /**
   * Every Nth import or bulk write is answered 504 by a gateway before it is taken in. Nothing says how long a gateway may go on: it is
   * taken in `lateByRequests` requests later, and not before `lateByMs` have passed.
   */
  earlyAnswers: everyNth,
  lateByRequests: z.int().min(0).default(3),
  lateByMs: z.int().min(0).default(0),
  /** The share of values, chosen by their hash, that are accepted and never appear. */
  silentDrops: share.default(0),
  /** Values, or parts of values, that are counted as rejected. */
  rejectValues: z.array(z.string().min(1)).default([]),
  /** Values that count as benign: left out unless `reject_benign` is false. */
  benign: z.array(z.string().min(1)).default([]),
  /** A request that contains one of these values is declined whole, with 400. */
  poison: z.array(z.string().min(1)).default([]),
  /**
   * Every import and bulk write is declined whole, with 400, whatever it carries: one field of the form is wrong, as a trusted circle
   * that there is not. (The status is a listed one: facts/apis.md 2.9. Its words are UNCONFIRMED.)
   */
  declineAll: z.boolean().default(false),
  /**
   * Values whose own requests always fail with 500, which is a listed status (facts/apis.md 2.9): imports and bulk writes that carry one
   * of them, questions about import sessions that brought one, changes of one.
   */
  broken: z
    .strictObject({
      imports: z.array(z.string().min(1)).default([]),
      sessions: z.array(z.string().min(1)).default([]),
      changes: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  /** Every Nth import session ends in `errors`. */
  sessionErrors: everyNth,
  /** Every Nth import session stays `processing` for good, and brings nothing. */
  stuckSessions: everyNth,
  /** Every Nth import session is gone as soon as it was opened, with what it was to bring; asking for it answers 404. */
  vanishingSessions: everyNth,
  /** What every session says for its status, whatever it is at: the vocabulary of statuses is published nowhere as a whole. */
  sessionStatus: z.string().nullable().default(null),
  /** Statuses that no search shows, as while its index is behind. That it shows what waits for a review is UNCONFIRMED. */
  searchHides: z.array(z.enum(['active', 'inactive'])).default([]),
  /** So many sessions of another organisation come first in the list of sessions. */
  foreignSessions: z.int().min(0).default(0),
  /**
   * What `GET /api/v1/user/` answers: an account may not be allowed to see itself, and an appliance may not have it. (That a missing
   * permission may be a 401, too: facts/apis.md 2.5. Of this request it is UNCONFIRMED.)
   */
  userEndpoint: z.enum(['answers', 'unauthorised', 'forbidden', 'missing', 'fails']).default('answers'),
  /** What becomes of the tags of `meta` where an object has tags of its own. (UNCONFIRMED: "object wins" is said of attributes.) */
  objectTags: z.enum(['add', 'replace']).default('add'),
  /** How often a session says `processing` before it is done; how many requests pass before a bulk write shows. */
  polls: z.int().min(0).default(1),
  /** A URL in an import's text also yields its host. (UNCONFIRMED of the real one.) */
  urlYieldsHost: z.boolean().default(false),
  /** The share of domains and of hosts of URLs, chosen by their hash, that do not resolve. */
  unresolved: share.default(0.3),
  /** The share of values, chosen by their hash, of which another organisation holds a copy of its own. */
  foreignCopies: share.default(0),
});
export type ThreatStreamFaults = z.infer<typeof threatStreamFaults>;
