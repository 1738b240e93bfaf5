import type { WireAnswer, WireRequest } from '../wire.ts';
import { isSignedIn, OPENCTI_CREDENTIALS } from './account.ts';
import { Declined, platformError, taxiiAnswer } from './answer.ts';
import { bundleObjects } from './bundle-objects.ts';
import type { OpenCtiFaults } from './opencti-faults.ts';
import type { Works } from './works.ts';

const PUSH_TYPES = new Set(['application/taxii+json', 'application/vnd.oasis.stix+json']);

/** Of the ingester, in the names of its works. */
const CONNECTOR = '6f6d1c2a-4a2b-4d7e-8e59-2f3a9b1c0d20';

/**
 * `POST …/objects/`: queued, and answered with 200. The body is read before anyone asks who sent it, so that one that is too large, or no
 * JSON, is declined first. (Source: OpenCTI, http/httpTaxii.js.) Throws `Declined`.
 */
export function push(
  request: WireRequest,
  collection: string,
  works: Works,
  now: number,
  faults: OpenCtiFaults,
): WireAnswer {
  const type = request.headers['content-type'];
  const isRightType = type !== undefined && isPushType(type);
  const read = isRightType ? readBody(request.body, faults) : { body: {} };
  if ('problem' in read) return read.problem;
  mustSignIn(request, faults);
  if (type === undefined) throw new Declined(500, 'content-type header is missing from object', null);
  if (!isRightType) throw new Declined(400, 'Content-Type in request is missing or invalid');
  const objects = objectsOf(read.body);
  if (collection !== OPENCTI_CREDENTIALS.collection || faults.stopped) throw new Declined(404, 'Collection not found');
  const isDead = faults.deadLetters.some((value) => request.body.includes(JSON.stringify(value).slice(1, -1)));
  const queued = isDead ? null : bundleObjects(objects);
  const work = works.put({ connector: CONNECTOR, total: objects.length, objects: queued }, now, faults);
  return taxiiAnswer({
    id: work.id,
    status: 'pending',
    request_timestamp: new Date(now).toISOString(),
    total_count: objects.length,
    success_count: 0,
    failure_count: 0,
    pending_count: objects.length,
  });
}

/** Throws `Declined`. */
export function mustSignIn(request: WireRequest, faults: OpenCtiFaults): void {
  if (!isSignedIn(request, faults)) throw new Declined(401, 'You must be logged in to do this.', 'AUTH_REQUIRED');
  if (faults.noTaxii) throw new Declined(403, 'You are not allowed to do this.', 'FORBIDDEN_ACCESS');
}

function isPushType(header: string): boolean {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  return PUSH_TYPES.has(type.toLowerCase()) && parameters.some((one) => /^version="?2\.1"?$/i.test(one));
}

function readBody(
  text: string,
  { maxBodyBytes, tooLarge }: OpenCtiFaults,
): { body: unknown } | { problem: WireAnswer } {
  if (Buffer.byteLength(text) > maxBodyBytes) {
    if (tooLarge === 'redirect')
      return { problem: { status: 302, headers: { location: '/' }, body: 'Found. Redirecting to /' } };
    if (tooLarge === '413') return { problem: PROXY_413 };
    return { problem: platformError(500, 'request entity too large') };
  }
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return typeof body === 'object' && body !== null ? { body } : { problem: notJson(text) };
  } catch {
    return { problem: notJson(text) };
  }
}

const PROXY_413: WireAnswer = {
  status: 413,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>413 Request Entity Too Large</title></head><body><center><h1>413 Request Entity Too Large</h1></center><hr><center>nginx</center></body></html>',
};

function notJson(text: string): WireAnswer {
  return platformError(500, `Unexpected token ${text.trim().slice(0, 1)} in JSON at position 0`);
}

/** An envelope, or a bundle for that matter: only `objects` is looked at. */
function objectsOf(body: unknown): readonly unknown[] {
  const objects = typeof body === 'object' && body !== null && 'objects' in body ? body.objects : [];
  if (!Array.isArray(objects)) throw new Declined(500, 'objects.map is not a function', null);
  if (objects.length === 0) throw new Declined(500, 'Objects required');
  return objects;
}
