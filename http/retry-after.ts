/** No wait is longer, whatever a server says. */
const LONGEST_MS = 24 * 60 * 60 * 1_000;

/**
 * How long to wait before the next try, in milliseconds, as an answer says it: `retry-after-ms` and `x-ms-retry-after-ms` (Azure),
 * `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3), or "Try again in N seconds" in the body (the Sentinel upload
 * API). Undefined when it does not say. Never negative, never above a day. Header names are lower case. A date is of the clock that the
 * answer's own `Date` shows (RFC 9110, 6.6.1); `now` is the worker's, which may be wrong, for answers without one.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, text: string, now: Date): number | undefined {
  const wait =
    numberOf(headers['retry-after-ms'], 1) ??
    numberOf(headers['x-ms-retry-after-ms'], 1) ??
    numberOf(headers['retry-after'], 1_000) ??
    untilDate(headers['retry-after'], headers['date'], now) ??
    fromSentence(text);
  return wait === undefined ? undefined : Math.min(Math.max(Math.ceil(wait), 0), LONGEST_MS);
}

function numberOf(text: string | undefined, unitMs: number): number | undefined {
  if (text === undefined || !/^\d+(?:\.\d+)?$/.test(text.trim())) return undefined;
  return Number(text) * unitMs;
}

function untilDate(text: string | undefined, answered: string | undefined, now: Date): number | undefined {
  const at = instantOf(text);
  return at === undefined ? undefined : at - (instantOf(answered) ?? now.getTime());
}

/** An HTTP date in any of its three forms (RFC 9110, 5.6.7), of which one does not say that it is UTC. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || !/[a-z]/i.test(text)) return undefined;
  const at = Date.parse(/\d{4}$/.test(text.trim()) ? `${text} GMT` : text);
  return Number.isNaN(at) ? undefined : at;
}

function fromSentence(text: string): number | undefined {
  const match = /try again (?:in|after) (\d{1,6}(?:\.\d+)?) ?(ms|milliseconds?|s|seconds?|minutes?)\b/i.exec(text);
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const unitMs = unit.startsWith('minute') ? 60_000 : unit.startsWith('m') ? 1 : 1_000;
  return Number(match[1]) * unitMs;
}
