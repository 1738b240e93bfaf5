import { Fault, type FaultOptions } from '../indicators/fault.ts';
import type { HttpReply } from './http-client.ts';
import { retryAfterMs } from './retry-after.ts';

/** For the end of a sentence about a secret: to `resume` alone changes nothing. */
export const READ_AT_START = 'Secrets are read when a worker starts: restart the workers after it was changed.';

/** The body as JSON. A body that is none (a proxy's HTML page, a cut answer) is a `Fault('Unavailable')`. */
export function parseJson(api: string, reply: HttpReply): unknown {
  try {
    return JSON.parse(reply.text);
  } catch {
    const what =
      reply.text.trim() === '' ? 'an empty body' : isHtml(reply) ? 'an HTML page' : 'a body that is not JSON';
    throw new Fault(
      'Unavailable',
      `${api} answered ${reply.status} with ${what}. If it stays, a proxy may stand between, or the endpoint setting is wrong.`,
    );
  }
}

/**
 * The fault that a status stands for; null for 2xx and for the 4xx whose meaning only the caller knows. 401 and 403 are `Refused`
 * with a general sentence: an adapter that knows which permission is missing says so itself.
 */
export function faultOf(api: string, reply: HttpReply, now: Date): Fault | null {
  const { status } = reply;
  const answered = `${api} answered ${status}${codeOf(reply)}`;
  if (status === 429) return throttled(api, retryAfterMs(reply.headers, reply.text, now));
  if (status === 413) return new Fault('TooLarge', `${answered}: the request is larger than it takes.`);
  if (status === 408 || status >= 500) {
    return new Fault('Unavailable', `${answered}.`, waitAfterFailure(retryAfterMs(reply.headers, reply.text, now)));
  }
  if (status === 401)
    return new Fault('Refused', `${answered}: it did not accept the credential. Check that it is current.`);
  if (status === 403)
    return new Fault('Refused', `${answered}: the credential lacks a permission. Grant it, then resume.`);
  if (status === 407) return new Fault('Refused', `${answered}: the proxy wants a login. Check the proxy setting.`);
  if (status >= 300 && status < 400) {
    return new Fault(
      'Refused',
      `${answered}: a redirect, which is not followed. Check the endpoint setting and the proxy.`,
    );
  }
  return null;
}

/** As long as is waited after the failures of an API that does not say how long. */
const LONGEST_AFTER_FAILURE_MS = 5 * 60_000;

/**
 * How long a failure asks to wait, if it does: no budget shows it to anybody, and no person can lift it, so that it is tried again
 * before long whatever it asks.
 */
export function waitAfterFailure(waitMs: number | undefined): Pick<FaultOptions, 'retryAfterMs'> {
  return waitMs === undefined ? {} : { retryAfterMs: Math.min(waitMs, LONGEST_AFTER_FAILURE_MS) };
}

/** The API said that it was too much, and perhaps for how long. */
export function throttled(
  api: string,
  waitMs: number | undefined,
  options: Pick<FaultOptions, 'isUnpaced'> = {},
): Fault {
  const when = waitMs === undefined ? '' : ` and asks to wait ${Math.ceil(waitMs / 1_000)} s`;
  return new Fault('Throttled', `${api} answered 429${when}.`, {
    ...options,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

/** ` (Code)` when the body names one in the envelope that Microsoft's APIs share: a word, never a value. */
function codeOf(reply: HttpReply): string {
  const match = /"code"\s*:\s*"([A-Za-z][A-Za-z0-9_.]{1,60})"/.exec(reply.text.slice(0, 2_000));
  return match === null ? '' : ` (${match[1] ?? ''})`;
}

function isHtml({ headers, text }: HttpReply): boolean {
  return (headers['content-type'] ?? '').includes('html') || /^\s*</.test(text);
}
