import type { WireAnswer } from '../wire.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function json(status: number, body: unknown): WireAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}

/**
 * An answer that is not about the objects. (Source of the form: learn.microsoft.com, "stix-objects-api", of 429; that the others have it is
 * UNCONFIRMED.)
 */
export function trouble(status: number, message: string): WireAnswer {
  return json(status, { statusCode: status, message });
}
