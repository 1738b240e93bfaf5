import { parseJson } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Shipment } from '../destination.ts';
import { importReply } from './reply-schemas.ts';
import { API, hasError } from './threatstream-client.ts';

const LONGEST_EXCERPT = 200;
const LONGEST_ANSWER = 20_000;

/**
 * Whether a request that brings values was taken in: 202 and nothing else. What is declined is `Rejected`; ThreatStream's words are
 * repeated only for a single item, since they end in its quarantine, and without its value.
 */
export function requireAccepted(reply: HttpReply, { items }: Shipment): void {
  if (reply.status === 202) {
    if (isJson(reply) && isFailure(parseJson(API, reply))) throw declined(reply, items);
    return;
  }
  if (reply.status >= 400 && reply.status < 500) throw declined(reply, items);
  // Perhaps from a proxy: 202 alone says that the values are there.
  throw new Fault('Unavailable', `${API} answered ${reply.status} where 202 was expected.`);
}

/** One that names an import session was taken in, whatever else it says: the session tells what became of it. */
function isFailure(json: unknown): boolean {
  return hasError(json) && (importReply.safeParse(json).data?.import_session_id ?? null) === null;
}

function declined({ status, text }: HttpReply, items: Shipment['items']): Fault {
  const [only] = items;
  if (only === undefined || items.length > 1) {
    return new Fault('Rejected', `${API} declined a request of ${items.length} indicators with ${status}.`);
  }
  const words = beginningOf(text)
    .replaceAll(only.value, '…')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const said = words === '' ? '' : `: ${words.slice(0, LONGEST_EXCERPT)}`;
  return new Fault('Rejected', `${API} declined the indicator with ${status}${said}`);
}

/** As much as an answer of ThreatStream's own ever has, in whole words: half of a value would not be known for it. */
function beginningOf(text: string): string {
  if (text.length <= LONGEST_ANSWER) return text;
  const cut = text.slice(0, LONGEST_ANSWER);
  return cut.slice(0, Math.max(0, cut.lastIndexOf(' ')));
}

function isJson({ text }: HttpReply): boolean {
  return /^\s*[{[]/.test(text);
}
