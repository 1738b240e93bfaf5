import { createRateLimit } from '../graph/rate-limit.ts';
import type { Tip } from '../stand-in.ts';
import type { WireReply, WireRequest } from '../wire.ts';
import type { Submission } from './answer.ts';
import { type Artifact, putArtifacts } from './artifacts.ts';
import { BulkQueue } from './bulk-queue.ts';
import { Comments } from './comments.ts';
import { type Holding, holdingOf } from './holding.ts';
import { Holdings } from './holdings.ts';
import { LateSubmissions } from './late-submissions.ts';
import { Declined } from './request-values.ts';
import { Review, type ReviewRequest } from './review.ts';
import { createRoutes } from './routes.ts';
import { SavedSearches } from './saved-searches.ts';
import { Sessions } from './sessions.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { ThreatModels } from './threat-models.ts';
import { createControls } from './threatstream-controls.ts';
import type { ThreatStreamCounts } from './threatstream-counts.ts';
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

export interface ThreatStreamApi extends Tip {
  counts(): ThreatStreamCounts;
  holdings(): readonly Holding[];
  /** What is there without an import, each source once: also when state was kept since. */
  putOnce(source: string, artifacts: Iterable<Artifact>): void;
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
  const sources = new Set<string>();
  const searches = new SavedSearches();
  const models = new ThreatModels();
  const kept = { holdings, sessions, comments, sources, searches, models };
  if (options.restore !== undefined) restoreSnapshot(options.restore, kept);
  const counts = {
    requests: 0,
    throttled: 0,
    publicShares: 0,
    foreignTouched: 0,
    wildcards: 0,
    tagWrites: 0,
    idleTagWrites: 0,
    comments: 0,
    doubleComments: 0,
    confidences: 0,
  };
  const limit = createRateLimit(options.perSecond, () => performance.now());
  const routes = createRoutes({ ...kept, review, bulk, counts, faults: faultsNow, now, user });
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
    [...holdings.after(0)].flatMap((entry) => (entry.shelf === null ? [] : holdingOf(entry, entry.shelf, comments)));

  const imported = (): readonly Holding[] => shown().filter(({ isArtifact }) => !isArtifact);

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
    counts: () => ({
      ...counts,
      sessions: sessions.opened,
      ...holdings.counts(),
      ...holdings.tags.counts(),
      tags: holdings.requestedTags.counts(),
    }),
    items: () => imported().map(({ id, value, status }) => ({ id: String(id), value, state: STATES[status] })),
    holdings: shown,
    putOnce(source, artifacts) {
      if (sources.has(source)) return;
      sources.add(source);
      putArtifacts(artifacts, { holdings, comments, now });
    },
    review: (request) => review.decide(request),
    controls: createControls({ ...kept, review, shown, now }),
    snapshot() {
      late.settleAll();
      bulk.settleAll();
      sessions.settleAll(faultsNow(), now());
      return takeSnapshot(kept);
    },
  };
}

const STATES = { active: 'held', 'awaiting-review': 'waiting', gone: 'gone' } as const;

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

function isNth(ordinal: number, everyNth: number): boolean {
  return everyNth > 0 && ordinal % everyNth === 0;
}
