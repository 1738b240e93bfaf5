import { NEW_TOKENS } from '../azure/kept-credential.ts';
import { faultOf, throttled } from '../http/faults.ts';
import type { HttpReply } from '../http/http-client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { Fault } from '../indicators/fault.ts';
import type { Reputation } from '../indicators/reputation.ts';
import { errorOf, type GraphError, reputationSchema } from './reputation-schema.ts';

export const GRAPH = 'MDTI (Microsoft Graph)';

/** What Graph says of one host: by a request of its own, or inside `$batch`. */
export interface HostAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Said of a whole batch by what Graph's throttling guide once had, and of a request in it whose forerunner failed. (RFC 4918, 11.4.) */
export const FAILED_DEPENDENCY = 424;

export type Reading =
  | { readonly kind: 'known'; readonly reputation: Reputation }
  | { readonly kind: 'failed'; readonly fault: Fault }
  /** The 500 by which Graph tells a tenant without the licence; it tells outages the same way. */
  | { readonly kind: 'licence-or-outage'; readonly fault: Fault }
  /** No host will fare better. */
  | { readonly kind: 'refused'; readonly fault: Fault };

/**
 * Reads one answer. The three outcomes stay apart: scored, no reputation, failed. Nobody has recorded how a host is answered that MDTI
 * does not know; Graph's security errors have 404 for data that was not found, in the envelope of all its errors, with a code that is
 * left open. A 404 without that envelope is somebody else's, a proxy's or another server's, and says nothing of the host.
 * (Source: Graph's security error reference.)
 */
export function readAnswer(answer: HostAnswer, now: Date): Reading {
  const error = errorOf(answer.body);
  if (answer.status === 200) return scored(answer.body);
  if (answer.status === 429) {
    return failed(throttled(GRAPH, retryAfterMs(answer.headers, error.message, now)));
  }
  const refusal = refusalOf(answer.status, error);
  if (refusal !== null) return { kind: 'refused', fault: refusal };
  if (answer.status === 404) {
    if (error.code !== '' || error.message !== '') return { kind: 'known', reputation: { kind: 'none' } };
    return failed(
      new Fault('Unavailable', `${GRAPH} was answered for with a 404 that is not its own: ${OTHER_SERVER}.`),
    );
  }
  if (answer.status === FAILED_DEPENDENCY) {
    return failed(new Fault('Unavailable', `${GRAPH} did not come to this host: others of its batch failed (424).`));
  }
  const fault = faultOf(GRAPH, replyOf(answer, error.code), now);
  if (fault === null && answer.status < 400) return failed(withoutAnswer(answer.status));
  if (fault === null) return failed(new Fault('Malformed', `${GRAPH} does not take this host (${answer.status}).`));
  if (answer.status === 500 && LICENCE_500.test(error.message)) {
    return { kind: 'licence-or-outage', fault };
  }
  return failed(fault);
}

/** A success that says nothing, as what stands between may answer in Graph's stead. */
export function withoutAnswer(status: number): Fault {
  return new Fault('Unavailable', `${GRAPH} answered ${status} without what was asked for.`);
}

/** What concerns every host alike; null when the status is about this one. */
export function refusalOf(status: number, { code, message }: GraphError): Fault | null {
  if (status === 401) {
    return refused(
      'did not accept the token (401): check that mdti.endpoint and mdti.scope are of the same cloud',
      NEW_TOKENS,
    );
  }
  if (status === 403) {
    return refused(
      'refused (403): give the application the permission ThreatIntelligence.Read.All (application, not delegated) and grant admin consent',
      NEW_TOKENS,
    );
  }
  if (status === 402) return refused(`refused (402): ${LICENCE}`);
  // A 404 about a host has another code.
  if (WRONG_PATH.test(message) || (status === 404 && code === 'BadRequest')) {
    return refused(
      `has no threat intelligence at this endpoint (${status}): check mdti.endpoint; MDTI is in the global cloud only`,
    );
  }
  return null;
}

const WRONG_PATH = /resource not found for the segment|invalid version/i;
const OTHER_SERVER = 'check mdti.endpoint, and whether a proxy answers for it';
const LICENCE_500 = /error retrieving reputation/i;
const LICENCE =
  'the tenant needs a licence for the Defender Threat Intelligence API (a Microsoft Defender XDR or Microsoft Sentinel licence, or the MDTI API add-on), and the application ThreatIntelligence.Read.All with admin consent';

/** The same 500 so many times running, for hosts that have nothing in common, and nothing else between. */
export function missingLicence(times: number): Fault {
  return refused(
    `answered "Error retrieving reputation" (500) ${times} times running, whatever the host, as it does when the licence is missing: ${LICENCE}`,
  );
}

/** Not even the answer about a host that is not in doubt can be read. */
export function unreadableWhatever(why: string): Fault {
  return refused(`cannot be understood, whatever the host: ${OTHER_SERVER}. ${why}`);
}

function scored(body: unknown): Reading {
  const parsed = reputationSchema.safeParse(body);
  if (parsed.success) return { kind: 'known', reputation: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.map(String).join('.');
  return failed(new Fault('Malformed', `${GRAPH} answered with a reputation that does not fit: ${where}.`));
}

function failed(fault: Fault): Reading {
  return { kind: 'failed', fault };
}

function refused(what: string, more = ''): Fault {
  return new Fault('Refused', `${GRAPH} ${what}.${more === '' ? '' : ` ${more}`}`);
}

/** The code alone: messages may repeat the host. */
function replyOf({ status, headers }: HostAnswer, code: string): HttpReply {
  return { status, headers, text: code === '' ? '' : JSON.stringify({ error: { code } }) };
}
