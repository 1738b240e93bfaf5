import type { WireAnswer } from '../wire.ts';

/** What the framework writes where a route of TAXII set its own type. (Source: Express, `res.send`, sorts the parameters and names a charset.) */
const TAXII_TYPE = 'application/taxii+json; charset=utf-8; version=2.1';
const JSON_TYPE = 'application/json; charset=utf-8';

export function taxiiAnswer(body: unknown): WireAnswer {
  return { status: 200, headers: { 'content-type': TAXII_TYPE }, body: JSON.stringify(body) };
}

export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(body) };
}

/** A request of TAXII that OpenCTI declines. (Source: OpenCTI, http/httpTaxii.js, `errorConverter`.) */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly #status: number;
  readonly #code: string | null;

  constructor(status: number, title: string, code: string | null = 'UNSUPPORTED_ERROR') {
    super(title);
    this.#status = status;
    this.#code = code;
  }

  answer(): WireAnswer {
    const named = this.#code === null ? {} : { error_code: this.#code };
    const headers = this.#status === 401 ? { 'www-authenticate': 'Basic, Bearer' } : {};
    return jsonAnswer(this.#status, { title: this.message, ...named, http_status: this.#status }, headers);
  }
}

/** What no route answers, or failed before one could. (Source: OpenCTI, http/httpPlatform.js.) */
export function platformError(status: number, error: string): WireAnswer {
  return jsonAnswer(status, { status: 'error', error });
}

/** Every other path is the interface's, so that a wrong address answers 200. (Source: OpenCTI, http/httpPlatform.js.) */
export const START_PAGE: WireAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html lang="en"><head><title>OpenCTI - Cyber Threat Intelligence Platform</title></head><body><div id="root"></div></body></html>',
};
