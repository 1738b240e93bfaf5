import type { WireApi, WireReply, WireRequest } from '../wire.ts';
import { type BatchStep, batchRequest } from './batch-request.ts';
import { drawsFrom, shuffled } from './draw.ts';
import { type GraphAnswer, graphError, tooManyRequests } from './graph-error.ts';
import type { GraphFaults } from './graph-faults.ts';
import { faultyAnswer, type HostFault } from './host-fault.ts';
import { hostPath, isHost } from './host-path.ts';
import { LookedUp } from './looked-up.ts';
import { madeUpReputation, type ReputationBody } from './made-up-reputation.ts';
import { createRateLimit } from './rate-limit.ts';
import { reputationBody } from './set-reputation.ts';

export interface GraphOptions {
  /** Another seed, other reputations. */
  readonly seed: number;
  /** Whether the header carries a token that is current and for this audience. */
  checkToken(authorizationHeader: string | undefined, audience: string): boolean;
  /** Whether that token has the permission. Default: all have */
  isPermitted?(authorizationHeader: string | undefined, audience: string): boolean;
  faults(): GraphFaults;
  /** Look-ups in a second, each request of a batch counted singly. Default: no limit. */
  readonly perSecond?: number;
}

export interface GraphCounts {
  /** HTTP requests. */
  readonly requests: number;
  /** Requests inside batches. */
  readonly inner: number;
  /** 429s, of whole requests and inside batches. */
  readonly throttled: number;
  /** Hosts for which an answer was given: a reputation, or that there is none. */
  readonly lookUps: number;
  /** Hosts of them for which that was done more than once. */
  readonly lookedUpAgain: number;
}

/** What it says of a host. */
export type Said = Pick<ReputationBody, 'score' | 'classification'>;

export type GraphApi = WireApi & {
  counts(): GraphCounts;
  /** What it says now of each host, when no fault is in its way; null: that it has no reputation, or that it is no host. */
  reputations(hosts: readonly string[]): Readonly<Record<string, Said | null>>;
};

const AUDIENCE = 'https://graph.microsoft.com';
const VERSION = '/v1.0';

/** A stand-in for the part of Microsoft Graph that tells the reputation of hosts, alone and by `$batch`. */
export function createGraphApi(options: GraphOptions): GraphApi {
  const counts = { requests: 0, inner: 0, throttled: 0, lookUps: 0 };
  const limit = createRateLimit(options.perSecond, () => performance.now());
  const lookedUp = new LookedUp();
  let attempts = 0;

  const reputationOf = (host: string): ReputationBody | null => {
    const { reputations, notFoundShare } = options.faults();
    const set = Object.hasOwn(reputations, host) ? reputations[host] : undefined;
    return set === undefined ? madeUpReputation(options.seed, host, notFoundShare) : reputationBody(set);
  };

  const lookUp = (path: string, isPermitted: boolean): GraphAnswer => {
    const asked = hostPath(path);
    if (asked.kind === 'unknown-path') {
      return graphError(404, 'ResourceNotFound', 'Resource not found for the segment.');
    }
    if (asked.kind === 'bad-host') return graphError(400, 'BadRequest', 'The host identifier is not valid.');
    const faults = options.faults();
    attempts += 1;
    const wait = limit.take();
    if (wait > 0) return throttle(wait);
    if (isNth(attempts, faults.everyNthInner429)) return throttle(faults.retryAfterSeconds);
    if (faults.forbidden || !isPermitted) {
      return graphError(403, 'Forbidden', 'Application is missing the permission ThreatIntelligence.Read.All.');
    }
    if (faults.licence) return graphError(500, 'generalException', 'Error retrieving reputation');
    const ofHost = faults.hosts[asked.host];
    const faulty = ofHost === undefined ? null : faultyAnswer(ofHost);
    if (faulty !== null) return faulty;
    if (isNth(attempts, faults.everyNthInner500)) {
      return graphError(500, 'InternalServerError', 'An unexpected error occurred.');
    }
    if (isNth(attempts, faults.unreadable)) return { status: 200, headers: {}, body: { value: [], score: 'high' } };
    counts.lookUps += 1;
    lookedUp.note(asked.host);
    const body = reputationOf(asked.host);
    if (body === null) return graphError(404, 'NotFound', 'The requested host was not found.');
    return { status: 200, headers: {}, body };
  };

  const faultOfHost = (path: string): HostFault | undefined => {
    const asked = hostPath(path.startsWith('/') ? path : `/${path}`);
    return asked.kind === 'host' ? options.faults().hosts[asked.host] : undefined;
  };

  const throttle = (retryAfterSeconds: number | null): GraphAnswer => {
    counts.throttled += 1;
    return tooManyRequests(retryAfterSeconds);
  };

  const batch = (body: string, isPermitted: boolean): GraphAnswer => {
    if (options.faults().noBatch) return graphError(400, 'BadRequest', 'Batching is not supported for this resource.');
    const read = batchRequest(body);
    if (!read.ok) return graphError(400, 'BadRequest', read.message);
    const ofAll = read.steps
      .map(({ url }) => faultOfHost(url))
      .find((fault) => fault === 'fails-all' || fault === 'declines-all');
    if (ofAll !== undefined) return failingAll(ofAll);
    const responses = read.steps
      .filter(({ url }) => faultOfHost(url) !== 'left-out')
      .map((step) => {
        counts.inner += 1;
        const { status, headers, body: answer } = answerStep(step, (path) => lookUp(path, isPermitted));
        return { id: step.id, status, headers, body: answer };
      });
    const isThrottled = responses.some(({ status }) => status === 429);
    return {
      status: isThrottled && options.faults().throttledBatch === 424 ? 424 : 200,
      headers: {},
      body: { responses: shuffled(responses, drawsFrom(`order ${counts.requests}`)) },
    };
  };

  return {
    async handle(request) {
      counts.requests += 1;
      const faults = options.faults();
      if (isNth(counts.requests, faults.everyNthHtml)) return HTML_PAGE;
      if (isNth(counts.requests, faults.everyNth503)) {
        return wire(graphError(503, 'ServiceUnavailable', 'The service is temporarily unavailable.'));
      }
      if (isNth(counts.requests, faults.everyNth429)) return wire(throttle(faults.retryAfterSeconds));
      if (!options.checkToken(request.headers['authorization'], AUDIENCE)) {
        return wire(graphError(401, 'InvalidAuthenticationToken', 'Access token is empty, expired or not for Graph.'));
      }
      const ofHost = request.method === 'GET' ? faultOfHost(request.path.slice(VERSION.length)) : undefined;
      if (ofHost === 'left-out') return 'cut';
      if (ofHost === 'fails-all' || ofHost === 'declines-all') return wire(failingAll(ofHost));
      const isPermitted = options.isPermitted?.(request.headers['authorization'], AUDIENCE) ?? true;
      const one = (path: string): GraphAnswer => lookUp(path, isPermitted);
      return wire(route(request, one, (body) => batch(body, isPermitted)));
    },
    counts: () => ({ ...counts, lookedUpAgain: lookedUp.again }),
    reputations: (hosts) =>
      Object.fromEntries(hosts.map((host) => [host, isHost(host) ? said(reputationOf(host)) : null])),
  };
}

function said(body: ReputationBody | null): Said | null {
  return body === null ? null : { score: body.score, classification: body.classification };
}

function failingAll(fault: 'fails-all' | 'declines-all'): GraphAnswer {
  return fault === 'fails-all'
    ? graphError(500, 'InternalServerError', 'An unexpected error occurred.')
    : graphError(400, 'BadRequest', 'Invalid request.');
}

function route(
  { method, path, body }: WireRequest,
  lookUp: (path: string) => GraphAnswer,
  batch: (body: string) => GraphAnswer,
): GraphAnswer {
  if (!path.startsWith(`${VERSION}/`)) return graphError(404, 'BadRequest', 'Unknown version or path.');
  const resource = path.slice(VERSION.length);
  if (resource === '/$batch' || resource === '/%24batch') {
    return method === 'POST' ? batch(body) : graphError(405, 'MethodNotAllowed', 'A batch is a POST.');
  }
  return method === 'GET' ? lookUp(resource) : graphError(405, 'MethodNotAllowed', 'The resource is read only.');
}

function answerStep({ method, url }: BatchStep, lookUp: (path: string) => GraphAnswer): GraphAnswer {
  if (method.toUpperCase() !== 'GET') return graphError(405, 'MethodNotAllowed', 'The resource is read only.');
  return lookUp(url.startsWith('/') ? url : `/${url}`);
}

const HTML_PAGE: WireReply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>',
};

function wire({ status, headers, body }: GraphAnswer): WireReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: text };
}

function isNth(ordinal: number, everyNth: number): boolean {
  return everyNth > 0 && ordinal % everyNth === 0;
}
