import { randomUUID } from 'node:crypto';

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Microsoft Graph's error envelope. */
export function graphError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GraphAnswer {
  const id = randomUUID();
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': id,
    'client-request-id': id,
  };
  return { status, headers, body: { error: { code, message, innerError } } };
}

/** A 429; the header says how long to wait, unless it is null. */
export function tooManyRequests(retryAfterSeconds: number | null): GraphAnswer {
  const headers: Readonly<Record<string, string>> =
    retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) };
  return graphError(429, 'TooManyRequests', 'Too many requests. Please retry later.', headers);
}
