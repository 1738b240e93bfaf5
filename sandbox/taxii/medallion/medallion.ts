import { z } from 'zod';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import type { Version } from '../contents.ts';
import type { Asked, Dialect, ListKind, Shelf, Sifted } from '../dialect.ts';
import { htmlPage } from '../html-page.ts';
import { addedHeaders, manifestRecord, shownObject } from '../shown.ts';
import { observableOf, type StixObject, stixObject } from '../stix-object.ts';
import { isAmong, type TaxiiFaults } from '../taxii-faults.ts';
import { json, processingError, refusal } from './answers.ts';
import { byManifest, filtered } from './filter.ts';
import { limitOf, Pages } from './pages.ts';

const MAX_PAGE = 100;

/** As medallion 3.0.0 is, with its memory backend. (Source: its views, backend and filters, and what it answered when it was run.) */
export function createMedallion(now: () => Date): Dialect {
  const pages = new Pages(now);
  return {
    refusal,
    json,
    missingSlash: 'redirect',
    rootAddress: (address) => `${address}/api1/`,
    refusedAccept: ({ headers }) => refusedMedia(headers['accept'], { status: 406, name: 'Accept' }),
    refusedPost,
    sift,
    toldVersion: (written) => written,
    // As texts: `…00Z` and `…00.000Z` are two versions.
    isThere: (object, held) =>
      held.some((version) => !('modified' in object) || version.object['modified'] === object['modified']),
    duplicate: 'failure',
    addedTogether: true,
    list: (kind, shelf, asked) => list(kind, shelf, asked, pages),
    // Without a match, the newest version only: the one before it is back.
    deleted(shelf, id, { query, info }) {
      if (!info.canRead && !info.canWrite) return { refusal: refusal('no-collection', info.id) };
      if (!info.canWrite) return { refusal: refusal('may-not-write', info.id) };
      if (!info.canRead) return { refusal: refusal('may-not-read', info.id) };
      const versions = filtered(shelf.of(id), query, { identity: false, version: true });
      return versions.length === 0 ? { refusal: refusal('no-object', id) } : { versions };
    },
  };
}

function refusedMedia(
  value: string | undefined,
  { status, name }: { readonly status: 406 | 415; readonly name: string },
): WireAnswer | null {
  for (const media of (value ?? '').replaceAll(' ', '').split(',')) {
    const [found, , version] = /^application\/taxii\+json(;version=(\d\.\d))?$/.exec(media) ?? [];
    if (found === undefined) continue;
    if (version === '2.1') return null;
    return processingError(status, `The server does not support version ${version ?? 'None'}`);
  }
  return processingError(status, `Media type in the ${name} header is invalid or not found`);
}

function refusedPost(
  { headers }: WireRequest,
  info: { readonly id: string; readonly canWrite: boolean },
  { maxContentLength, writesRefused }: TaxiiFaults,
): WireAnswer | null {
  const media = refusedMedia(headers['content-type'], { status: 415, name: 'Content-Type' });
  if (media !== null) return media;
  if (!info.canWrite || writesRefused) return refusal('may-not-write', info.id);
  const length = headers['content-length'];
  // A body in chunks has no length.
  if (length === undefined) return processingError(400, 'The server did not understand the request or headers');
  return Number(length) > maxContentLength || Number(length) <= 0 ? refusal('too-large') : null;
}

const UNPROCESSABLE = 'While processing supplied content, an error occurred';
const envelope = z.object({ objects: z.array(z.unknown()) });

/** All up to the first that it stumbles over; nothing about them is checked. A bundle has `objects`, too. */
function sift({ body }: WireRequest, shelf: Shelf, faults: TaxiiFaults): Sifted {
  const sent = envelope.safeParse(parsedJson(body));
  if (!sent.success) {
    const refused = isJson(body) ? processingError(422, UNPROCESSABLE, "'objects'") : htmlPage(400);
    return { taken: [], refusal: refused };
  }
  const taken: StixObject[] = [];
  for (const each of sent.data.objects) {
    const object = stixObject.safeParse(each);
    if (!object.success) return { taken, refusal: processingError(422, UNPROCESSABLE, "'id'") };
    if (isAmong(faults.poison, observableOf(object.data)))
      return { taken, refusal: processingError(422, UNPROCESSABLE, "'modified'") };
    if ('modified' in object.data && shelf.of(object.data.id).some((held) => !('modified' in held.object)))
      return { taken, refusal: processingError(422, UNPROCESSABLE, "'modified'") };
    taken.push(object.data);
  }
  return { taken, refusal: null };
}

function list(kind: ListKind, shelf: Shelf, { query, id, faults }: Asked, pages: Pages): WireAnswer {
  const limit = limitOf(query, faults.pageSize ?? MAX_PAGE);
  if (id !== undefined && shelf.of(id).length === 0) return refusal('no-object', id);
  const next = query.get('next');
  const { entries, next: token } =
    next === null
      ? pages.first(listed(kind, shelf, { query, faults, ...(id === undefined ? {} : { id }) }), limit, query)
      : pages.following(faults.nextForgotten ? '' : next, limit, query);
  if (entries.length === 0) return json({});
  const shown = entries.map((entry) => entry.shown);
  const content =
    kind === 'versions' ? { versions: shown.map(String).sort((a, b) => (a < b ? 1 : -1)) } : { objects: shown };
  return json({ ...content, more: token !== null, ...(token === null ? {} : { next: token }) }, addedHeaders(entries));
}

function listed(kind: ListKind, shelf: Shelf, { query, id, faults }: Asked) {
  const versions: readonly Version[] = id === undefined ? candidates(shelf, query) : shelf.of(id);
  const chosen = filtered(versions, query, { identity: id === undefined, version: kind !== 'versions' });
  const ordered = kind === 'objects' ? byManifest(chosen, shelf) : [...chosen].sort(byPlace);
  return ordered.map((version) => ({ shown: shownAs(kind, version, faults), dateAdded: version.dateAdded }));
}

/** Those of one request were added at one instant, and come by their ids. */
function byPlace(a: Version, b: Version): number {
  return `${a.dateAdded} ${a.id}` < `${b.dateAdded} ${b.id}` ? -1 : 1;
}

function shownAs(kind: ListKind, version: Version, faults: TaxiiFaults): unknown {
  if (kind === 'versions') return version.version;
  return kind === 'manifest' ? manifestRecord(version, version.version) : shownObject(version.object, faults);
}

/** Without looking through the whole collection where ids are asked for. */
function candidates(shelf: Shelf, query: URLSearchParams): readonly Version[] {
  const ids = query.get('match[id]')?.split(',');
  return ids === undefined ? shelf.all() : shelf.ofAny(ids);
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isJson(body: string): boolean {
  return parsedJson(body) !== undefined;
}
