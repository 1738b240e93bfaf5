import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { TokenState } from '../entra/tokens.ts';
import { THREAT_INTEL_INDICATORS, THREAT_INTELLIGENCE_INDICATOR } from '../rows/columns.ts';
import type { WireApi, WireReply, WireRequest } from '../wire.ts';
import { answer } from './answer.ts';
import { type CompiledQuery, compileQuery, type Table } from './kql/compile-query.ts';
import { createQueryParser } from './kql/parse-query.ts';
import { QueryError } from './kql/query-error.ts';
import { datetimeOfDate } from './kql/time.ts';
import { parseJson } from './kql/value.ts';
import { logsError, queryRefused } from './logs-error.ts';
import type { LogsFaults } from './logs-faults.ts';
import type { LogsLimits } from './logs-limits.ts';
import { QuerySlots } from './query-slots.ts';
import { RequestWindow } from './request-window.ts';
import { Timeouts } from './timeouts.ts';
import { timespanBounds } from './timespan.ts';
import type { Workspace } from './workspace.ts';

export interface LogsOptions {
  readonly workspaceId: string;
  readonly tables: readonly Table[];
  /** Further workspaces, each reached by its id alone. */
  readonly others?: readonly Workspace[];
  readonly limits: LogsLimits;
  /** How long a query takes at least; it holds its place among those that run at once for so long. */
  readonly latencyMs: number;
  checkToken(authorization: string | undefined, audience: string): TokenState;
  faults(): LogsFaults;
  now(): Date;
}

export interface LogsCounts {
  readonly requests: number;
  readonly throttled: number;
  readonly rowsServed: number;
}

export interface LogsApi extends WireApi {
  counts(): LogsCounts;
}

const AUDIENCE = 'api.loganalytics.io';
const query = z.looseObject({ query: z.string(), timespan: z.string().nullish() });

/** The Log Analytics query API: `POST /v1/workspaces/{id}/query`. */
export function createLogsApi(options: LogsOptions): LogsApi {
  const parse = createQueryParser([THREAT_INTEL_INDICATORS, THREAT_INTELLIGENCE_INDICATOR]);
  const slots = new QuerySlots(options.limits);
  const recent = new RequestWindow(options.limits.per30s, 30_000);
  const counts = { requests: 0, throttled: 0, rowsServed: 0 };

  const throttle = (retryAfterSeconds: number, message: string): WireReply => {
    counts.throttled += 1;
    return logsError(429, 'ThrottledError', message, { 'retry-after': String(retryAfterSeconds) });
  };

  const timeouts = new Timeouts();
  const run = (request: WireRequest, faults: LogsFaults): WireReply => {
    const compiled = compile(request, parse, options);
    if (compiled === 'cut' || 'status' in compiled) return compiled;
    if (timeouts.meets(compiled, faults)) return timedOut();
    const withStatistics = (request.headers['prefer'] ?? '').includes('include-statistics=true');
    const result = answer(compiled, faults, withStatistics);
    if (result.kind === 'timeout') return timedOut();
    counts.rowsServed += result.rows;
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: result.body };
  };

  const reply = async (request: WireRequest): Promise<WireReply> => {
    const faults = options.faults();
    counts.requests += 1;
    const wait = recent.take(performance.now());
    if (wait > 0) return throttle(Math.ceil(wait / 1_000), 'Rate limit is exceeded: too many requests in 30 seconds.');
    if (isNth(counts.requests, faults.everyNth429))
      return throttle(faults.retryAfterSeconds, 'Rate limit is exceeded.');
    const refused = refusal(request, options, faults) ?? troubled(counts.requests, faults);
    if (refused !== null) return refused;
    // So the service does with a body that is not announced as JSON.
    if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return { status: 200, body: '' };
    const admission = await slots.enter();
    if (admission !== 'admitted')
      return throttle(faults.retryAfterSeconds, `Too many concurrent queries (${admission}).`);
    try {
      await delay(options.latencyMs);
      return run(request, faults);
    } finally {
      slots.leave();
    }
  };

  return {
    counts: () => ({ ...counts }),
    async handle(request) {
      const made = await reply(request);
      // A server with a clock says in every answer what it shows (RFC 9110 6.6.1).
      return made === 'cut' ? made : { ...made, headers: { ...made.headers, date: options.now().toUTCString() } };
    },
  };
}

function timedOut(): WireReply {
  return logsError(504, 'GatewayTimeout', 'The query exceeded the time that it may run on the server.');
}

function isNth(ordinal: number, every: number): boolean {
  return every > 0 && ordinal % every === 0;
}

/** Who asks, and for what. */
function refusal(request: WireRequest, options: LogsOptions, { forbidden }: LogsFaults): WireReply | null {
  switch (options.checkToken(request.headers['authorization'], AUDIENCE)) {
    case 'missing':
      return logsError(401, 'AuthorizationRequiredError', 'Valid authentication was not provided');
    case 'unknown':
    case 'expired':
    case 'revoked':
      return logsError(401, 'AuthenticationFailed', 'The token is not valid or has expired');
    case 'wrong-audience':
      return logsError(403, 'InvalidAuthenticationTokenAudience', 'The access token is for another audience');
    case 'no-permission':
      return insufficient();
    case 'good':
      break;
  }
  if (forbidden) return insufficient();
  if (request.method !== 'POST' || workspaceIdOf(request) === null) {
    return logsError(404, 'PathNotFoundError', 'The requested path does not exist');
  }
  if (workspaceOf(request, options) === undefined)
    return logsError(404, 'WorkspaceNotFoundError', 'The workspace could not be found');
  return null;
}

function workspaceIdOf({ path }: WireRequest): string | null {
  return /^\/v1\/workspaces\/([^/]+)\/query$/.exec(path)?.[1] ?? null;
}

function workspaceOf(request: WireRequest, { workspaceId, tables, others = [] }: LogsOptions): Workspace | undefined {
  const asked = workspaceIdOf(request);
  return [{ id: workspaceId, tables }, ...others].find(({ id }) => id === asked);
}

function insufficient(): WireReply {
  return logsError(
    403,
    'InsufficientAccessError',
    'The provided credentials have insufficient access to perform the requested operation',
  );
}

function troubled(ordinal: number, faults: LogsFaults): WireReply | null {
  if (isNth(ordinal, faults.everyNth503)) return logsError(503, 'ServiceUnavailable', 'The service is unavailable');
  if (isNth(ordinal, faults.everyNthHtml)) {
    return {
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
    };
  }
  if (faults.noContent) return { status: 204, body: '' };
  return faults.emptyBody ? { status: 200, body: '' } : null;
}

/** The query of a request, or what is answered instead. */
function compile(
  wire: WireRequest,
  parse: ReturnType<typeof createQueryParser>,
  options: LogsOptions,
): CompiledQuery | WireReply {
  const request = query.safeParse(parseJson(wire.body));
  if (!request.success) return logsError(400, 'BadArgumentError', 'The request body is not valid');
  const now = options.now();
  const timeGenerated = timespanBounds(request.data.timespan ?? undefined, now);
  if (timeGenerated === null) return logsError(400, 'BadArgumentError', 'The timespan is not valid');
  const tables = workspaceOf(wire, options)?.tables ?? [];
  try {
    return compileQuery(parse(request.data.query), { tables, now: datetimeOfDate(now), timeGenerated });
  } catch (error) {
    if (error instanceof QueryError) return queryRefused(error);
    throw error;
  }
}
