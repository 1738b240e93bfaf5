import type { ZodType } from 'zod';
import { faultOf, parseJson, READ_AT_START, throttled } from '../../http/faults.ts';
import type { HttpClient, HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { plainWords } from '../../indicators/plain-words.ts';
import type { Pace } from '../../rates/pace.ts';
import type { MispSettings } from './misp-settings.ts';
import { said } from './reply-schemas.ts';

export const API = 'MISP';

export interface MispCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** What the key's user must be allowed to do, as the end of "… lacks the permission to". */
  readonly needs: string;
  /** Statuses that say something of what was sent, and not of the key or the address: `send` returns them. */
  readonly answers?: readonly number[];
}

export interface MispDeps {
  readonly http: HttpClient;
  readonly pace: Pace;
  readonly now: () => Date;
}

export interface MispClient {
  /** A 200 with JSON, or one of the call's own answers; anything else is a `Fault`. */
  send(call: MispCall, signal: AbortSignal, leaving?: () => Promise<void>): Promise<HttpReply>;
  /** A 200 of this shape. */
  read<T>(call: MispCall, schema: ZodType<T>, signal: AbortSignal): Promise<T>;
}

/** Sends with the key in a header, at the pace of the shared budget. Whoever does not ask for JSON is sent to where people sign in. */
export function createMispClient(
  { baseUrl, apiKey }: Pick<MispSettings, 'baseUrl' | 'apiKey'>,
  { http, pace, now }: MispDeps,
): MispClient {
  const send: MispClient['send'] = async (call, signal, leaving) => {
    await pace.before(signal);
    await leaving?.();
    const reply = await http.send({
      method: call.method,
      url: `${baseUrl}${call.path}`,
      headers: {
        accept: 'application/json',
        authorization: apiKey,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal,
    });
    const isAnswer = reply.status === 200 || call.answers?.includes(reply.status) === true;
    const fault = isAnswer ? null : faultIn(reply, call, now());
    if (fault?.kind === 'Throttled') await pace.throttled(fault.retryAfterMs);
    else pace.answered();
    if (fault !== null) throw fault;
    // Who is asked for JSON answers a 200 with JSON: a page, or nothing, is somebody else's.
    if (reply.status === 200) parseJson(API, reply);
    return reply;
  };
  return {
    send,
    async read(call, schema, signal) {
      return readReply(await send(call, signal), schema);
    },
  };
}

/** What a reply says, in this shape; one of another shape is a `Fault` that names what is missing. */
function readReply<T>(reply: HttpReply, schema: ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(API, reply));
  if (parsed.success) return parsed.data;
  const fields = new Set(
    parsed.error.issues.map(({ path }) => path.filter((part) => typeof part === 'string').join('.')),
  );
  const what = [...fields].filter((field) => field !== '').join(', ');
  const named = what === '' ? 'JSON of another form than expected' : `no readable ${what}`;
  throw new Fault('Unavailable', `${API} answered ${reply.status} with ${named}.`);
}

function faultIn(reply: HttpReply, call: MispCall, now: Date): Fault {
  const { status } = reply;
  if (status === 429) return throttled(API, limitMs(reply) ?? faultOf(API, reply, now)?.retryAfterMs);
  if (status === 401 || status === 403 || status === 404 || status === 405) return refusal(reply, call);
  const fault = faultOf(API, reply, now);
  if (fault !== null) return fault;
  // MISP answers what it has done with a 200: another success is somebody else's.
  return new Fault(status < 300 ? 'Unavailable' : 'Rejected', `${API} answered ${status}${quoted(reply)}.`);
}

/** It has no `Retry-After`, but a header of its own, in seconds. (Source: MISP 2.5.1, RateLimitComponent.) */
function limitMs({ headers }: HttpReply): number | undefined {
  const reset = headers['x-rate-limit-reset'];
  return reset !== undefined && /^\d{1,6}$/.test(reset) ? Number(reset) * 1_000 : undefined;
}

const OF_THE_KEY = /auth(?:entication|\s?key)|disabled|API key/i;

/** What a 401, 403, 404 or 405 says of the key, its role, or the address. */
export function refusal(reply: HttpReply, { needs }: Pick<MispCall, 'needs'>): Fault {
  const { status } = reply;
  const answered = `${API} answered ${status}${quoted(reply)}`;
  if (status === 401 || (status === 403 && OF_THE_KEY.test(messageOf(reply)))) {
    return new Fault(
      'Refused',
      `${answered}: check the apiKey of the destination, that it is current, and that it may be used from here. ${READ_AT_START}`,
    );
  }
  if (status === 403) {
    return new Fault(
      'Refused',
      `${answered}: the key of the destination, its role, or its organisation lacks the permission to ${needs}. A key may be for reading only.`,
    );
  }
  if (status === 405) return new Fault('Refused', `${answered} when it was asked to ${needs}.`);
  return new Fault('Refused', `${answered}: check the baseUrl of the destination.`);
}

export function messageOf({ text }: HttpReply): string {
  try {
    return said.safeParse(JSON.parse(text)).data?.message ?? '';
  } catch {
    return '';
  }
}

function quoted(reply: HttpReply): string {
  const words = plainWords(messageOf(reply)).replace(/\.$/, '');
  return words === '' ? '' : ` ("${words}")`;
}
