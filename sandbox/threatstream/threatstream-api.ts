import { z } from 'zod';
import { createRateLimit } from '../graph/rate-limit.ts';
import type { Tip, TipCounts } from '../stand-in.ts';
import type { WireReply, WireRequest } from '../wire.ts';
import type { Submission } from './answer.ts';
import { BulkQueue } from './bulk-queue.ts';
import { Comments } from './comments.ts';
import type { Entry, EntryState, Shelf } from './entry.ts';
import { Holdings } from './holdings.ts';
import { LateSubmissions } from './late-submissions.ts';
import { Declined } from './request-values.ts';
import { Review, type ReviewRequest } from './review.ts';
import { createRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { isPublicTag } from './tags.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

export interface ThreatStreamOptions {
  readonly user: string;
  readonly apiKey: string;
  readonly faults: () => ThreatStreamFaults;
  readonly now: () => Date;
  /** Requests in a second. Default: no limit. */
  readonly perSecond?: number;
  /** What `snapshot` gave. */
  readonly restore?: unknown;
}

export interface ThreatStreamCounts extends TipCounts {
  /** Import sessions opened. */
  readonly sessions: number;
  /** Values that arrived and were discarded because the organisation has them, in whatever form; duplicates are among them. */
  readonly discarded: number;
  /** Values of a CSV that were taken as wildcards. */
  readonly wildcards: number;
  /** Different tags that there ever were. */
  readonly tagNames: number;
  /** Tags that became visible to everyone, a value each. */
  readonly publicTags: number;
  /** Values that arrived as visible to everyone. */
  readonly publicShares: number;
  /** Attempts to change what another organisation owns. */
  readonly foreignTouched: number;
}

export interface Holding {
  readonly id: number;
  readonly value: string;
  readonly type: string;
  readonly itype: string;
  readonly confidence: number;
  readonly severity: string;
  readonly tlp: string | null;
  readonly tags: readonly string[];
  /** Those of them that everyone sees. */
  readonly publicTags: readonly string[];
  /** ISO 8601; null for never. */
  readonly expiration: string | null;
  /** `gone`: withdrawn, or reported as a false positive. */
  readonly status: Exclude<EntryState, 'falsepos'>;
  /** When this was taken in, in ISO 8601. */
  readonly heldAt: string;
}

export interface ThreatStreamApi extends Tip {
  counts(): ThreatStreamCounts;
  holdings(): readonly Holding[];
  /** What an analyst decides; returns on how many sessions. */
  review(request: ReviewRequest): number;
}

/** A stand-in for the part of Anomali ThreatStream's REST API that takes, shows and withdraws observables. */
export function createThreatStreamApi(options: ThreatStreamOptions): ThreatStreamApi {
  const { faults: faultsNow, now, user } = options;
  const holdings = new Holdings(now);
  const sessions = new Sessions(holdings);
  const review = new Review(holdings, sessions, faultsNow, now);
  const bulk = new BulkQueue(holdings);
  const comments = new Comments();
  if (options.restore !== undefined) restoreSnapshot(options.restore, { holdings, sessions, comments });
  const counts = { requests: 0, throttled: 0, publicShares: 0, foreignTouched: 0, wildcards: 0 };
  const limit = createRateLimit(options.perSecond, () => performance.now());
  const routes = createRoutes({ holdings, sessions, review, bulk, comments, counts, faults: faultsNow, now, user });
  const late = new LateSubmissions(now);
  let submissions = 0;

  const submit = (submission: Submission, faults: ThreatStreamFaults): WireReply => {
    submissions += 1;
    if (isNth(submissions, faults.lostRequests)) return 'cut';
    if (isNth(submissions, faults.earlyAnswers)) {
      late.put(submission, faults);
      return GATEWAY_TIMEOUT;
    }
    const reply = submission.take();
    return isNth(submissions, faults.lostAcks) ? 'cut' : reply;
  };

  const troubled = (request: WireRequest, faults: ThreatStreamFaults): WireReply | null => {
    const ordinal = counts.requests;
    if (faults.outage || isNth(ordinal, faults.everyNth503)) return failure(503, 'Service unavailable.');
    if (isNth(ordinal, faults.everyNthHtml)) return HTML_PAGE;
    const wait = isNth(ordinal, faults.everyNth429) ? faults.retryAfterSeconds : limit.take();
    if (wait !== 0 || isNth(ordinal, faults.everyNth429)) {
      counts.throttled += 1;
      return { ...failure(429, 'Too many requests.'), headers: wait === null ? {} : { 'retry-after': String(wait) } };
    }
    return faults.unauthorised || !isAuthorised(request, options) ? failure(401, 'Unauthorised.') : null;
  };

  const shown = (): readonly Holding[] =>
    [...holdings.after(0)].flatMap((entry) => (entry.shelf === null ? [] : holdingOf(entry, entry.shelf)));

  return {
    async handle(request) {
      counts.requests += 1;
      late.tick();
      bulk.tick();
      const faults = faultsNow();
      const trouble = troubled(request, faults);
      if (trouble !== null) return trouble;
      try {
        const routed = routes(request);
        return 'take' in routed ? submit(routed, faults) : routed;
      } catch (error) {
        if (error instanceof Declined) return failure(error.status, error.message);
        throw error;
      }
    },
    counts: () => ({ ...counts, sessions: sessions.opened, ...holdings.counts(), ...holdings.tags.counts() }),
    items: () => shown().map(({ id, value, status }) => ({ id: String(id), value, state: STATES[status] })),
    holdings: shown,
    review: (request) => review.decide(request),
    controls: { review: (body) => ({ sessions: review.decide(reviewRequest.parse(body)) }), holdings: shown },
    snapshot() {
      late.settleAll();
      bulk.settleAll();
      sessions.settleAll(faultsNow(), now());
      return takeSnapshot({ holdings, sessions, comments });
    },
  };
}

const STATES = { active: 'held', 'awaiting-review': 'waiting', gone: 'gone' } as const;

const reviewRequest = z.strictObject({
  /** Default: all that are ready. */
  session: z
    .union([z.string(), z.int()])
    .transform((id) => String(id))
    .optional(),
  decision: z.enum(['approve', 'reject', 'exclude']),
  values: z.array(z.string()).optional(),
});

const HTML_PAGE: WireReply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>',
};

/** As gateways in front of an API answer, which give up before it does. */
const GATEWAY_TIMEOUT: WireReply = {
  status: 504,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>',
};

/** By the header only: credentials in a URL end up in logs, and are refused. */
function isAuthorised({ headers, query }: WireRequest, { user, apiKey }: ThreatStreamOptions): boolean {
  return headers['authorization'] === `apikey ${user}:${apiKey}` && !query.has('api_key') && !query.has('username');
}

function failure(status: number, message: string): Exclude<WireReply, 'cut'> {
  const body = JSON.stringify({ success: false, error: message });
  return { status, headers: { 'content-type': 'application/json' }, body };
}

function holdingOf({ id, value, kind, state, heldAt }: Entry, { profile }: Shelf): Holding {
  const { itype, confidence, severity, tlp, tags, expiration } = profile;
  return {
    id,
    value,
    type: kind,
    itype,
    confidence,
    severity,
    tlp,
    tags: tags.map(({ name }) => name),
    publicTags: tags.filter(isPublicTag).map(({ name }) => name),
    expiration,
    status: state === 'falsepos' ? 'gone' : state,
    heldAt: new Date(heldAt).toISOString(),
  };
}

function isNth(ordinal: number, everyNth: number): boolean {
  return everyNth > 0 && ordinal % everyNth === 0;
}
