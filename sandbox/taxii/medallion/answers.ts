import type { WireAnswer } from '../../wire.ts';
import { MEDIA_TYPE } from '../collections.ts';
import type { Refusal } from '../dialect.ts';
import { htmlPage } from '../html-page.ts';

/** An exception that nobody caught. (Source: medallion: Flask answers it, in HTML.) */
export const BROKEN = htmlPage(500);

/** With its keys in their order, as it writes everything. (Source: medallion, by way of Flask's JSON.) */
export function json(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): WireAnswer {
  return { status, headers: { 'content-type': MEDIA_TYPE, ...headers }, body: JSON.stringify(sorted(body)) };
}

/** (Source: medallion, `handle_processing_error`: `http_status` is a text, and every description ends with a full stop.) */
export function processingError(status: number, message: string, cause?: string): WireAnswer {
  const description = cause === undefined ? `${message}.` : `${message}. Root exception: ${cause}`;
  return json({ title: 'ProcessingError', http_status: String(status), description }, {}, status);
}

export function refusal(reason: Refusal, about = ''): WireAnswer {
  switch (reason) {
    case 'unauthorised':
      return {
        status: 401,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'www-authenticate': 'Basic realm="Authentication Required"',
        },
        body: 'Unauthorized Access',
      };
    case 'no-path':
      return htmlPage(404);
    case 'no-root':
      return processingError(404, `API root '${about}' information not found`);
    case 'no-collection':
      return processingError(404, `Collection '${about}' not found`);
    case 'no-object':
      return processingError(404, `Object '${about}' not found`);
    case 'no-status':
      return processingError(404, `Status '${about}' not found`);
    case 'may-not-read':
      return processingError(403, `Forbidden to read collection '${about}'`);
    case 'may-not-write':
      return processingError(403, `Forbidden to write collection '${about}'`);
    case 'method':
      return htmlPage(405, { allow: about });
    case 'too-large':
      return processingError(413, 'Content-Length header not valid or exceeds maximum!');
    case 'too-often':
      return processingError(429, 'Too many requests');
    case 'unavailable':
      return processingError(503, 'The server is temporarily unable to serve requests');
    case 'broken':
      return BROKEN;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
