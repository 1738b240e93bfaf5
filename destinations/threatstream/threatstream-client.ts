import type { ZodType } from 'zod';
import { faultOf, parseJson, READ_AT_START } from '../../http/faults.ts';
import type { HttpClient, HttpReply, HttpRequest } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Pace } from '../../rates/pace.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

export const API = 'ThreatStream';

/** By as much may the two clocks differ beyond what the answers tell. */
const SLACK_MS = 2 * 60_000;

export interface ThreatStreamCall {
  readonly method: HttpRequest['method'];
  /** Ends in a slash: ThreatStream does not answer without. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly text: string };
  /** What the user must be allowed to do, as the end of "… lacks the permission to". */
  readonly needs: string;
  /** Of 401, 403 and 404, those that say something of one object here, and not of the key or the address: `send` returns them. */
  readonly answers?: readonly number[];
  /** A question about one thing: how it is asked of nothing in particular, and what it is when only this one is declined. */
  readonly unlike?: Pick<ThreatStreamCall, 'path' | 'query'> & { readonly fault: 'Rejected' | 'Unavailable' };
}

export interface ThreatStreamDeps {
  readonly http: HttpClient;
  readonly pace: Pace;
  readonly now: () => Date;
}

export interface ThreatStreamClient {
  /** Any answer but those that are a fault whatever was asked: 3xx, 401, 403, 404, 407, 408, 413, 429, 5xx. */
  send(call: ThreatStreamCall, signal: AbortSignal, leaving?: () => Promise<void>): Promise<HttpReply>;
  /** The same for a question: that it is declined is a fault, too. `Refused`, unless others like it are answered. */
  ask(call: ThreatStreamCall, signal: AbortSignal): Promise<HttpReply>;
  /** A 200 of this shape; anything else is a `Fault`. */
  read<T>(call: ThreatStreamCall, schema: ZodType<T>, signal: AbortSignal): Promise<T>;
  /** What ThreatStream's clock said at an instant of ours, as its newest answer tells; some time before that, as that may be off. */
  theirTime(at: Date): Date;
}

/** Sends with the API key in a header, never in a URL, at the pace of the shared budget. */
export function createThreatStreamClient(settings: ResolvedSettings, deps: ThreatStreamDeps): ThreatStreamClient {
  let clockAheadMs = 0;
  const send: ThreatStreamClient['send'] = async (call, signal, leaving) => {
    await deps.pace.before(signal);
    await leaving?.();
    const reply = await deps.http.send({
      method: call.method,
      url: urlOf(call, settings),
      headers: {
        accept: 'application/json',
        authorization: `apikey ${settings.user}:${settings.apiKey}`,
        ...(call.body === undefined ? {} : { 'content-type': call.body.type }),
      },
      ...(call.body === undefined ? {} : { body: call.body.text }),
      signal,
    });
    const theirs = Date.parse(reply.headers['date'] ?? '');
    if (!Number.isNaN(theirs)) clockAheadMs = theirs - deps.now().getTime();
    const isAnswer = call.answers?.includes(reply.status) === true;
    const fault = isAnswer ? null : (refusal(reply, call) ?? faultOf(API, reply, deps.now()));
    if (fault?.kind === 'Throttled') await deps.pace.throttled(fault.retryAfterMs);
    else deps.pace.answered();
    if (fault !== null) throw fault;
    return reply;
  };
  const ask: ThreatStreamClient['ask'] = async (call, signal) => {
    const reply = await send(call, signal);
    if (!isDeclined(reply, call)) return reply;
    const { needs, unlike } = call;
    const said = `${API} answered ${reply.status} when it was asked to ${needs}`;
    if (unlike !== undefined && !isDeclined(await send({ ...call, ...unlike }, signal), call)) {
      throw new Fault(unlike.fault, `${said} for this one, while others like it are answered`);
    }
    throw new Fault(
      'Refused',
      `${said}: check the baseUrl of the destination and what stands between and, where it is an appliance, that its version knows this request.`,
    );
  };
  return {
    send,
    ask,
    theirTime: (at) => new Date(at.getTime() + clockAheadMs - SLACK_MS),
    async read(call, schema, signal) {
      return readReply(await ask(call, signal), schema);
    },
  };
}

/** Of the statuses that `send` returns, those that come again however often the same is asked. */
function isDeclined({ status }: HttpReply, { answers }: ThreatStreamCall): boolean {
  return status >= 400 && status < 500 && ![408, 409, 425].includes(status) && answers?.includes(status) !== true;
}

/** What a 200 says; one of another form is a `Fault` that names what is missing. */
export function readReply<T>(reply: HttpReply, schema: ZodType<T>): T {
  if (reply.status !== 200) throw new Fault('Unavailable', `${API} answered ${reply.status} where 200 was expected.`);
  const json = parseJson(API, reply);
  const parsed = schema.safeParse(json);
  if (parsed.success && !hasError(json)) return parsed.data;
  const fields = new Set(parsed.error?.issues.map(({ path }) => path.join('.')).filter((path) => path !== ''));
  const what = fields.size === 0 ? 'JSON of another form than expected' : `no readable ${[...fields].join(', ')}`;
  throw new Fault('Unavailable', `${API} answered 200 with ${what}.`);
}

/** A 2xx that carries an `error` is a failure (source: Splunk SOAR `threatstream`), as long as that says something. */
export function hasError(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || !('error' in json)) return false;
  const { error } = json;
  if (typeof error === 'string') return error.trim() !== '';
  if (typeof error === 'object' && error !== null) return Object.keys(error).length > 0;
  return Boolean(error);
}

function refusal({ status }: HttpReply, { needs }: ThreatStreamCall): Fault | null {
  if (status === 401) {
    return new Fault(
      'Refused',
      `${API} answered 401: check the user and apiKey of the destination, that the key is current and that its user may use the API. ${READ_AT_START}`,
    );
  }
  if (status === 403) {
    return new Fault('Refused', `${API} answered 403: the user of the destination lacks the permission to ${needs}.`);
  }
  if (status === 404) {
    return new Fault(
      'Refused',
      `${API} answered 404: check the baseUrl of the destination, and importVersion for an older appliance.`,
    );
  }
  return null;
}

function urlOf({ path, query }: ThreatStreamCall, { baseUrl, remoteApi }: ResolvedSettings): string {
  const parameters = new URLSearchParams({ ...query, ...(remoteApi ? { remote_api: 'true' } : {}) }).toString();
  return `${baseUrl}${path}${parameters === '' ? '' : `?${parameters}`}`;
}
