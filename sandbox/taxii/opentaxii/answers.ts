import type { WireAnswer } from '../../wire.ts';
import { MEDIA_TYPE } from '../collections.ts';
import type { Refusal } from '../dialect.ts';
import { htmlPage } from '../html-page.ts';

/** An exception that nobody caught. (Source: OpenTAXII: Flask answers it, in HTML.) */
export const BROKEN = htmlPage(500);

export function json(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): WireAnswer {
  return { status, headers: { 'content-type': MEDIA_TYPE, ...headers }, body: JSON.stringify(body) };
}

/** (Source: OpenTAXII, `handle_validation_exception`.) */
export function validationError(description: unknown): WireAnswer {
  return json({ code: 400, name: 'validation error', description }, {}, 400);
}

/** What it says of every status in the same words. (Source: OpenTAXII, `handle_http_exception`; werkzeug, `exceptions`.) */
const EXCEPTIONS: Readonly<Record<number, readonly [name: string, description: string]>> = {
  401: [
    'Unauthorized',
    "The server could not verify that you are authorized to access the URL requested. You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials required.",
  ],
  403: [
    'Forbidden',
    "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.",
  ],
  404: [
    'Not Found',
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  ],
  405: ['Method Not Allowed', 'The method is not allowed for the requested URL.'],
  406: [
    'Not Acceptable',
    'The resource identified by the request is only capable of generating response entities which have content characteristics not acceptable according to the accept headers sent in the request.',
  ],
  413: ['Request Entity Too Large', 'The data value transmitted exceeds the capacity limit.'],
  415: ['Unsupported Media Type', 'The server does not support the media type transmitted in the request.'],
  429: ['Too Many Requests', 'This user has exceeded an allotted request count. Try again later.'],
  503: [
    'Service Unavailable',
    'The server is temporarily unable to service your request due to maintenance downtime or capacity problems. Please try again later.',
  ],
};

export function exception(code: number, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  const [name, description] = EXCEPTIONS[code] ?? [];
  return json({ code, name, description }, headers, code);
}

/** Who may not read or not write is told that there is no such collection. (Source: OpenTAXII, `NoReadPermission`.) */
export function refusal(reason: Refusal, about = ''): WireAnswer {
  switch (reason) {
    case 'unauthorised':
      return exception(401);
    case 'no-path':
    case 'no-root':
    case 'no-collection':
    case 'no-object':
    case 'may-not-read':
    case 'may-not-write':
      return exception(404);
    case 'no-status':
      // (Source: OpenTAXII: it looks a status up by a UUID, and stumbles over anything else.)
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(about) ? exception(404) : BROKEN;
    case 'method':
      return exception(405, { allow: about });
    case 'too-large':
      return exception(413);
    case 'too-often':
      return exception(429);
    case 'unavailable':
      return exception(503);
    case 'broken':
      return BROKEN;
  }
}
