import { z } from 'zod';

const everyNth = z.int().min(0).default(0);
const share = z.number().min(0).max(1);

/**
 * What goes wrong in the ThreatStream stand-in, off by default, and what the sources leave open, each with both its ways (UNCONFIRMED unless
 * said otherwise; sections are those of facts/tips.md). An `everyNth…` of 0 is off, of 1 is every time.
 */
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
  /** What becomes of a request's tags where a row of a CSV has some of its own; `add`: unless its cell `tags` is filled. (1.2) */
  rowTags: z.enum(['add', 'replace']).default('replace'),
  /** What a row that is malformed, or whose itype is not of its type, costs. (1.2) */
  badCsvRow: z.enum(['row', 'file']).default('row'),
  /** Whether a `%` in a value of a CSV makes a wildcard of it, whatever the itype. (1.2) */
  percentIsWildcard: z.boolean().default(true),
  /** Whether the sender's confidence needs `can_override_confidence`, too, which one client sends. (1.3) */
  needsOverrideFlag: z.boolean().default(true),
  /** Whether a value that was withdrawn is a duplicate as one is that is active. (0.8 says only that it is "in the organisation".) */
  inactiveAreDuplicates: z.boolean().default(true),
  /** What a session says of a duplicate that it discarded; the words are published nowhere. (1.4) */
  duplicateMessage: z.string().default('Duplicate of an existing observable'),
  /** What a session says of an observable that was excluded from it. */
  exclusionMessage: z.string().default('Excluded from the import'),
  /** Whether the file name of an upload is kept. (1.4: one client names its files "for correlation".) */
  fileNames: z.enum(['kept', 'absent']).default('kept'),
  /** The lists of a session's observables and of its rejects, of which one source tells. (1.4) */
  sessionLists: z.enum(['answer', 'missing']).default('answer'),
  /** Whether the list of a session's observables shows excluded ones, with a `rejected_id`. (1.4) */
  excludedListed: z.boolean().default(true),
  /** Whether the user may exclude observables from a session. */
  mayExclude: z.boolean().default(true),
  /** Whether an approval makes other observables, with other ids, of those of the session. (1.4) */
  idsChangeOnApproval: z.boolean().default(false),
  /** Whether an approval also makes those active that were set inactive while they waited for it. */
  approvalRevives: z.boolean().default(false),
  /** How often a session says `approving` or `rejecting` before it is through. */
  decisionPolls: z.int().min(0).default(0),
  /** What a change of an observable answers: 200 or 202 with it, or 202 with nothing. (1.7) */
  changeReply: z.enum(['object', 'accepted', 'mute']).default('object'),
  /** An end can be set of active observables only: 400 for others, or left out in silence (trap 10); false: of all. (1.3) */
  expiryNeedsActive: z.union([z.boolean(), z.literal('ignored')]).default(true),
  /** Which of the two ways of removing tags in bulk there is; the other is left out in silence, or 404. (2.3) */
  untagBy: z.enum(['both', 'bulk_tagging', 'bulk_remove_tags']).default('both'),
  /** What ids that are unknown do to a request that tags in bulk. */
  unknownIds: z.enum(['ignored', 'refused']).default('ignored'),
  /** What our private tags on another organisation's observables answer. (INFERENCE of 2.3, from two clients: they are accepted.) */
  foreignTagging: z.enum(['accepted', 'unauthorised', 'forbidden', 'missing']).default('accepted'),
  /** Values of which no observable may be tagged, whoever owns it: 403. */
  untaggable: z.array(z.string().min(1)).default([]),
  /** What one observable that may not be tagged costs among others: the whole request, or itself, without a word. */
  bulkForbidden: z.enum(['request', 'item-ignored']).default('request'),
  /** Whether tagging changes `modified_ts` and `update_id`. (2.1: "presumably") */
  tagsBumpUpdates: z.boolean().default(true),
  /** What `meta.next` of a search goes on by: `update_id__gt`, the same under another name, or an offset. (2.1) */
  nextBy: z.enum(['update_id', 'search_after', 'offset']).default('update_id'),
  /** Whether a search can be ordered by `-update_id`. */
  descending: z.enum(['refused', 'answers']).default('refused'),
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
