import type { WireAnswer, WireReply } from '../wire.ts';
import type { MADE_UP_ANSWERS } from './wire-fault.ts';

export type MadeUpAnswer = (typeof MADE_UP_ANSWERS)[number];

/** Some megabytes: more than any answer that the stand-ins give to a client that asks for little. */
const HUGE_BYTES = 8_000_000;
const PACKED_BYTES = 150_000_000;
const HUGE_HEADER_BYTES = 1_000_000;
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** What comes back instead of the stand-in's answer. */
export function madeUpAnswer(kind: MadeUpAnswer, waitSeconds: number, now: Date): WireReply {
  switch (kind) {
    case '429-seconds':
      return error(429, 'TooManyRequests', { 'retry-after': String(waitSeconds) });
    case '429-date':
      return error(429, 'TooManyRequests', {
        'retry-after': new Date(now.getTime() + waitSeconds * 1_000).toUTCString(),
      });
    case '429-zero':
      return error(429, 'TooManyRequests', { 'retry-after': '0' });
    case '429-none':
      return error(429, 'TooManyRequests');
    case '429-ms': {
      const ms = String(waitSeconds * 1_000);
      return error(429, 'TooManyRequests', { 'retry-after-ms': ms, 'x-ms-retry-after-ms': ms });
    }
    case '429-sentence': {
      const body = JSON.stringify({ error: { code: 'TooManyRequests', message: again(waitSeconds) } });
      return { status: 429, headers: JSON_TYPE, body };
    }
    case '500':
      return error(500, 'InternalServerError');
    case '502-html':
      return page(502, '502 Bad Gateway');
    case '503':
      return error(503, 'ServiceUnavailable');
    case '504':
      return error(504, 'GatewayTimeout');
    case '401':
      return error(401, 'Unauthorized');
    case '403':
      return error(403, 'Forbidden');
    case 'html-200':
      return page(200, 'Sign in to the network');
    case 'huge-body':
      return { status: 200, headers: JSON_TYPE, body: `{"log":"${'.'.repeat(HUGE_BYTES)}` };
    case 'endless-body':
      return { status: 200, headers: JSON_TYPE, body: `{"log":"${'.'.repeat(HUGE_BYTES)}`, sending: { endless: true } };
    case 'packed-body':
      return {
        status: 200,
        headers: JSON_TYPE,
        body: `{"log":"${'.'.repeat(PACKED_BYTES)}"}`,
        sending: { packed: true },
      };
    case 'nested-body':
      return { status: 200, headers: JSON_TYPE, body: '['.repeat(HUGE_BYTES) };
    case 'huge-header':
      return { status: 200, headers: { ...JSON_TYPE, 'x-log': '.'.repeat(HUGE_HEADER_BYTES) }, body: '{}' };
    case 'empty-200':
      return { status: 200, body: '' };
    case '204':
      return { status: 204, body: '' };
    case 'hang':
    case 'reset':
      return 'cut';
  }
}

function again(seconds: number): string {
  return `Rate limit is exceeded. Try again in ${seconds} seconds.`;
}

function error(status: number, code: string, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  const body = JSON.stringify({ error: { code, message: `${status}, made up on the way` } });
  return { status, headers: { ...JSON_TYPE, ...headers }, body };
}

function page(status: number, title: string): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}
