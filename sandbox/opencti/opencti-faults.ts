import { z } from 'zod';

const everyNth = z.int().min(0).default(0);
const percent = z.int().min(0).max(100);

/** A decay rule, as an administrator writes one. (Source: OpenCTI, modules/decayRule: lifetime, pound, points, revoke score.) */
export const decayRule = z.strictObject({
  lifetimeDays: z.number().positive().default(365),
  pound: z.number().positive().default(1),
  /** The stable scores that it falls to, one after the other. */
  points: z.array(percent).default([80, 60, 40]),
  revokeScore: percent.default(20),
  /**
   * When an update is passed over. `source`: as soon as the same user has once set that score, whatever else the update brings - its
   * `valid_until` and `revoked` too, so that neither a withdrawal nor a return with the old score arrives (Source: OpenCTI,
   * utils/upsert-utils, `hasSameSourceAlreadyUpdateThisScore`). `base-score`: only where it would start the same decay anew, as in earlier
   * releases (Source: OpenCTI-Platform/opencti#10298).
   */
  passesOver: z.enum(['source', 'base-score']).default('source'),
});
export type DecayRule = z.infer<typeof decayRule>;

/** What goes wrong in the OpenCTI stand-in, off by default, and what differs from one platform to the next. An `everyNth` of 0 is off, of 1 is every time. */
export const openCtiFaults = z.strictObject({
  /**
   * So many requests pass before the workers take in what was pushed, and so many milliseconds; nothing promises how soon they do. (Source:
   * OpenCTI, manager/ingestionManager: a push goes into a queue of RabbitMQ.)
   */
  ingestAfterRequests: z.int().min(0).default(1),
  ingestAfterMs: z.int().min(0).default(0),
  /** So many objects are taken in at a request, so that a push shows piece by piece; 0: all. (Source: pycti, stix2 splitter: one bundle an object.) */
  objectsPerRequest: z.int().min(0).default(0),
  /** The latest push is taken in first, as with several workers; OpenCTI does not compare `modified`. (Source: OpenCTI, utils/upsert-utils.) */
  overtaking: z.boolean().default(false),
  /** Every Nth push is answered as ever and never taken in: its queue was emptied, or its message went to the dead letters. (Source: pycti, stix2 import.) */
  lostPushes: everyNth,
  /** A push that carries one of these values, or parts of values, is lost whole in the same way. */
  deadLetters: z.array(z.string().min(1)).default([]),
  /** The ingester is stopped: 404. (Source: OpenCTI, http/httpTaxii.js, `ingestion_running`.) */
  stopped: z.boolean().default(false),
  /** The ingester's option "Copy confidence level to score". (Source: OpenCTI, `handleConfidenceToScoreTransformation`.) */
  confidenceToScore: z.boolean().default(false),
  /** What is pushed lands in a draft: an analyst sees it there, no query does. (Source: OpenCTI documentation, drafts; issue #16282.) */
  draft: z.boolean().default(false),
  /** Values on an exclusion list: whatever is pushed of them is refused, a withdrawal too. (Source: OpenCTI, `INDICATOR_PATTERN_EXCLUDED`.) */
  excluded: z.array(z.string().min(1)).default([]),
  /** The highest confidence of the user that the ingester works as. (Source: OpenCTI, utils/confidence-level.) */
  userConfidence: percent.default(100),
  /** The confidence with which another source holds the same indicators: what comes with less changes next to nothing. */
  rivalConfidence: percent.nullable().default(null),
  /** The rule by which indicators decay that are created from now on; null: the platform's decay manager is off. */
  decay: decayRule.nullable().default(null),
  /** Whether labels and markings are added to those that are there, or take their place. (Source: OpenCTI, utils/upsert-utils: added.) */
  labelsAndMarkings: z.enum(['add', 'replace']).default('add'),
  /**
   * A body may have so many bytes, whatever the API root says. (Source: OpenCTI, http/httpTaxii.js: `app:max_payload_body_size`, or 50mb.)
   */
  maxBodyBytes: z
    .int()
    .min(0)
    .default(50 * 1024 * 1024),
  /** What is answered to a larger one: OpenCTI's own 500, its older redirect to the start page, or 413 by a proxy. (Source: OpenCTI, http/httpPlatform.js.) */
  tooLarge: z.enum(['500', 'redirect', '413']).default('500'),
  /** Works that are over are cleared away, and their status with them. (Source: OpenCTI, manager/connectorManager.) */
  worksCleared: z.boolean().default(false),
  /** Everybody is a stranger: the token has ended, or the user is disabled. */
  unauthorised: z.boolean().default(false),
  /** The user lacks "Access data sharing" (TAXIIAPI). (Source: OpenCTI, http/httpTaxii.js.) */
  noTaxii: z.boolean().default(false),
  /** The user lacks "Access knowledge". (Source: OpenCTI, `@auth(for: [KNOWLEDGE])` of `indicators`.) */
  noKnowledge: z.boolean().default(false),
  /** The user lacks "Create / Update knowledge". (Source: OpenCTI, config/schema/opencti.graphql, `@auth` of `StixCyberObservableEditMutations`.) */
  noUpdate: z.boolean().default(false),
  /** The user lacks "Manage labels & attributes". (Source: OpenCTI, config/schema/opencti.graphql, `@auth` of `labelAdd`.) */
  noLabels: z.boolean().default(false),
  /** A label that is made is kept as it is given, or in lower case as in earlier releases. (Source: OpenCTI, domain/label, `addLabel`, then and now.) */
  labelCase: z.enum(['kept', 'lower']).default('kept'),
  /** Every Nth edit of an observable finds it locked. (Source: OpenCTI, lock/master-lock, `LOCK_ERROR`.) */
  locks: everyNth,
  /** A request may have so many fields at its root; 0: as many as there are. Whether any OpenCTI bounds them is UNCONFIRMED. */
  mostRootFields: z.int().min(0).default(0),
  /** Whether observables can be had in the order of their changes. (Source: OpenCTI, config/schema/opencti.graphql; since which release is UNCONFIRMED.) */
  ordersByUpdate: z.boolean().default(true),
  /** Markings, as `TLP:RED`, that the user may not see: such indicators are there, and not found. (Source: OpenCTI documentation, data segregation.) */
  unseenMarkings: z.array(z.string().min(1)).default([]),
  /** Every Nth GraphQL query fails in its resolver: HTTP 200 with `errors`. (Source: OpenCTI, graphql/httpResponsePlugin.js; `EngineShardsError`.) */
  graphqlErrors: everyNth,
  /** Nodes of a page, however many are asked for. (Source: OpenCTI, `elasticsearch:max_pagination_result`, or 5000.) */
  largestPage: z.int().min(1).default(5_000),
  version: z.string().default('6.5.1'),
});
export type OpenCtiFaults = z.infer<typeof openCtiFaults>;
