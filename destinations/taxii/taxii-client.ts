import { faultOf, parseJson, READ_AT_START } from '../../http/faults.ts';
import type { HttpClient, HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Pace } from '../../rates/pace.ts';
import type { TaxiiSettings } from './taxii-settings.ts';

export const API = 'The TAXII server';

/** The one spelling that all servers take: some refuse a space in it. (Source: TAXII 2.1, 1.6.8; OpenTAXII 0.9.3.) */
const MEDIA_TYPE = 'application/taxii+json;version=2.1';

export interface TaxiiDeps {
  readonly http: HttpClient;
  readonly pace: Pace;
  readonly now: () => Date;
}

export interface TaxiiCall {
  /** From the API root on; ends in a slash, which servers insist on. */
  readonly path: string;
  readonly query?: string;
  /** JSON to add. */
  readonly body?: string;
  /** Statuses that the caller understands. */
  readonly answers?: readonly number[];
}

export interface TaxiiClient {
  /** A 2xx, or one of those that the call names; anything else is a `Fault`. */
  send(call: TaxiiCall, signal: AbortSignal, leaving?: () => Promise<void>): Promise<HttpReply>;
  /** The JSON of a 2xx. */
  read(call: TaxiiCall, signal: AbortSignal): Promise<unknown>;
}

/** Sends with the credentials in a header, to the host of the settings alone: no redirect is followed. */
export function createTaxiiClient(settings: TaxiiSettings, deps: TaxiiDeps): TaxiiClient {
  const { apiRoot, authorization } = settings;
  const send: TaxiiClient['send'] = async ({ path, query, body, answers = [] }, signal, leaving) => {
    await deps.pace.before(signal);
    await leaving?.();
    const reply = await deps.http.send({
      method: body === undefined ? 'GET' : 'POST',
      url: `${apiRoot}/${path}${query === undefined ? '' : `?${query}`}`,
      headers: {
        accept: MEDIA_TYPE,
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }),
      },
      ...(body === undefined ? {} : { body }),
      signal,
    });
    const fault = answers.includes(reply.status) ? null : faultIn(reply, deps.now());
    if (fault?.kind === 'Throttled') await deps.pace.throttled(fault.retryAfterMs);
    else deps.pace.answered();
    if (fault !== null) throw fault;
    return reply;
  };
  return {
    send,
    async read(call, signal) {
      return parseJson(API, await send(call, signal));
    },
  };
}

function faultIn(reply: HttpReply, now: Date): Fault | null {
  const { status } = reply;
  if (status >= 200 && status < 300) return null;
  const advice = REFUSALS.get(status) ?? (status >= 300 && status < 400 ? REDIRECT : undefined);
  if (advice !== undefined) return new Fault('Refused', `${API} answered ${status}: ${advice}`);
  const known = faultOf(API, reply, now);
  if (known !== null) return known;
  return new Fault(
    'Refused',
    `${API} answered ${status} to a question that every TAXII 2.1 server understands: check apiRoot of the destination and what stands between.`,
  );
}

const REDIRECT =
  'it sends us elsewhere, and credentials are shown to no other address than that of the settings: give as apiRoot the address where the API root really is, with the path and the host that it redirects to.';

const NO_TAXII =
  'it does not speak TAXII 2.1 there. Check that apiRoot of the destination is that of an API root of version 2.1.';

/** (Source: TAXII 2.1, 3.6 and the errors of each endpoint.) */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [401, `it does not know us. Check signIn of the destination. ${READ_AT_START}`],
  [
    403,
    'the account of the destination may not do that. It has to be allowed to read the collection and to write to it; without reading, nothing could be confirmed.',
  ],
  [404, 'there is no such API root or collection. Check apiRoot and collection of the destination.'],
  [405, NO_TAXII],
  [406, NO_TAXII],
  [415, NO_TAXII],
]);
