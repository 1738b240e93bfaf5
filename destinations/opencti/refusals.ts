import { faultOf, READ_AT_START } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';

export const API = 'OpenCTI';

/** The fault that an answer to a push stands for; null for none. */
export function pushFault(reply: HttpReply, now: Date): Fault | null {
  const { status } = reply;
  if (isTooLarge(reply)) {
    return new Fault('TooLarge', `${API} answered ${status}: the push is larger than it takes. Check maxBody.`);
  }
  if (status === 404) {
    return new Fault(
      'Refused',
      `${API} answered 404: check that the push ingester of the destination's collection is there and started (Data > Ingestion > TAXII push), and the baseUrl.`,
    );
  }
  const general =
    signInFault(reply, 'Access data sharing (TAXIIAPI), and is one that the ingester lets in') ??
    faultOf(API, reply, now);
  if (general !== null || status < 400) return general;
  return new Fault('Rejected', `${API} declined a push with ${status}.`);
}

/** The fault that an answer to a query stands for, whatever its body; null for none. */
export function queryFault(reply: HttpReply, now: Date): Fault | null {
  const { status } = reply;
  const general = signInFault(reply, NEEDS_KNOWLEDGE) ?? faultOf(API, reply, now);
  if (general !== null || status < 400) return general;
  return new Fault('Refused', `${API} answered ${status} to a query: check the baseUrl of the destination.`);
}

interface GraphqlError {
  readonly name?: string | null | undefined;
  readonly extensions?: { readonly code?: string | null | undefined } | null | undefined;
}

/** The fault that `errors` in a 200 stand for. What they say besides their code may quote a value. (Source: OpenCTI, config/errors.js.) */
export function errorsFault([first]: readonly GraphqlError[]): Fault | null {
  if (first === undefined) return null;
  const code = codeOf(first);
  const named = code === '' ? '' : ` (${code})`;
  if (code === 'AUTH_REQUIRED') return strangerFault('a query');
  if (code === 'FORBIDDEN_ACCESS')
    return new Fault('Refused', `${API} forbids a query${named}: ${lacks(NEEDS_KNOWLEDGE)}`);
  if (/^GRAPHQL_|^BAD_USER_INPUT$/.test(code)) {
    return new Fault('Refused', `${API} does not know a query of ours${named}: it has to be of version 6.5 or later.`);
  }
  return new Fault('Unavailable', `${API} failed at a query${named}.`);
}

/** The code of an error; empty for none that can be shown. */
export function codeOf({ name, extensions }: GraphqlError): string {
  const code = extensions?.code ?? name ?? '';
  return /^[A-Za-z_]{1,60}$/.test(code) ? code : '';
}

/** What is wrong with what was asked for, be it that it is not there. (Source: OpenCTI, config/errors.js.) */
const OF_WHAT_WAS_ASKED =
  /^(?:FORBIDDEN_ACCESS|FUNCTIONAL_ERROR|UNSUPPORTED_ERROR|VALIDATION_ERROR|MISSING_REFERENCE_ERROR|ALREADY_DELETED_ERROR|RESOURCE_NOT_FOUND)$/;

/** The fault that an error in the answer to a mutation stands for; null for one that is about what was asked for in one field of it. */
export function changeFault(
  error: GraphqlError,
  { isOfOneField, things }: { readonly isOfOneField: boolean; readonly things: number },
): Fault | null {
  const code = codeOf(error);
  if (isOfOneField && OF_WHAT_WAS_ASKED.test(code)) return null;
  // It may have been too much for one. (Source: OpenCTI, graphql/graphql.js, `armor_protection`.)
  if (things > 1 && /^GRAPHQL_|^BAD_USER_INPUT$/.test(code)) {
    return new Fault('Rejected', `${API} declined a mutation of ours as a whole (${code}).`);
  }
  return errorsFault([error]);
}

const NEEDS_KNOWLEDGE = 'Access knowledge (KNOWLEDGE)';

function signInFault({ status }: HttpReply, needs: string): Fault | null {
  if (status === 401) return strangerFault('a request');
  return status === 403 ? new Fault('Refused', `${API} answered 403: ${lacks(needs)}`) : null;
}

function strangerFault(what: string): Fault {
  return new Fault(
    'Refused',
    `${API} does not know who sends ${what}: check the token of the destination, and that its user is enabled. ${READ_AT_START}`,
  );
}

function lacks(needs: string): string {
  return `check that the user of the destination's token has the capability ${needs}.`;
}

/** 413 by a proxy, OpenCTI's own 500, or its redirect to the start page in earlier releases. (Source: OpenCTI, http/httpPlatform.js.) */
function isTooLarge({ status, headers, text }: HttpReply): boolean {
  if (status === 413) return true;
  if (status === 500) return /request entity too large/i.test(text.slice(0, 2_000));
  return status === 302 && headers['location'] === '/';
}
