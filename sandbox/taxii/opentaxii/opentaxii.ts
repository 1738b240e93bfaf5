import { z } from 'zod';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import { MEDIA_TYPE } from '../collections.ts';
import type { Version } from '../contents.ts';
import type { Asked, Dialect, ListKind, Shelf, Sifted } from '../dialect.ts';
import { instantOf } from '../instant.ts';
import { addedHeaders, manifestRecord, shownObject } from '../shown.ts';
import { observableOf, type StixObject, stixObject, textOf, typeOf } from '../stix-object.ts';
import { isAmong, type TaxiiFaults } from '../taxii-faults.ts';
import { BROKEN, exception, json, refusal, validationError } from './answers.ts';
import { cursorAfter, filtered, pagingOf } from './filter.ts';
import { objectFault, stumblesOver } from './object-fault.ts';

/** As OpenTAXII 0.9.3 is. (Source: its server, its persistence and what it answered when it was run.) */
export function createOpenTaxii(): Dialect {
  return {
    refusal,
    json,
    missingSlash: 'missing',
    // Relative: below the host, not below the discovery.
    rootAddress: (address) => `${new URL(address).pathname.replace(/\/$/, '')}/api1/`,
    refusedAccept: ({ headers }) => (accepts(headers['accept'] ?? '') ? null : exception(406)),
    refusedPost({ headers, body }, _info, { maxContentLength }) {
      if (Buffer.byteLength(body) > maxContentLength) return refusal('too-large');
      return headers['content-type'] === MEDIA_TYPE ? null : exception(415);
    },
    sift: (request, _shelf, faults) => sift(request, faults),
    toldVersion: (written) => instantOf(written) ?? written,
    isThere: ({ modified }, held) =>
      held.some(({ at }) => typeof modified === 'string' && at !== null && at === instantOf(modified)),
    duplicate: 'success',
    addedTogether: false,
    list,
    // It answers 200, and never commits what it has done.
    deleted(_shelf, _id, { info }) {
      if (!info.canRead && !info.canWrite) return { refusal: exception(404) };
      return info.canRead && info.canWrite ? { versions: [] } : { refusal: exception(403) };
    },
  };
}

function accepts(accept: string): boolean {
  return accept.split(',').some((media) => {
    const [type = '', ...parameters] = media.split(';').map((part) => part.trim().toLowerCase());
    if (type === '*/*' || type === 'application/*') return true;
    return type === 'application/taxii+json' && parameters.includes('version=2.1');
  });
}

const envelope = z.object({ objects: z.array(z.unknown()) });

/** All or nothing. A body in chunks will do. */
function sift({ body }: WireRequest, faults: TaxiiFaults): Sifted {
  const refused = (answer: WireAnswer): Sifted => ({ taken: [], refusal: answer });
  if (body === '') return refused(validationError(['No data']));
  const sent = parsed(body);
  if (sent === undefined) return refused(validationError(['Invalid json: Expecting value: line 1 column 1 (char 0)']));
  const { data } = envelope.safeParse(sent);
  if (data === undefined) return refused(validationError(['No objects']));
  const taken: StixObject[] = [];
  for (const each of data.objects) {
    const { data: record } = z.record(z.string(), z.unknown()).safeParse(each);
    if (record === undefined) return refused(BROKEN);
    const { data: object } = stixObject.safeParse(each);
    const poisoned = object !== undefined && isAmong(faults.poison, observableOf(object));
    const fault = poisoned ? 'Invalid value' : objectFault(record);
    if (fault !== null) return refused(validationError([`Invalid stix object: ${JSON.stringify(record)}; ${fault}`]));
    if (object !== undefined) taken.push(object);
  }
  return data.objects.length > taken.length || taken.some(stumblesOver) ? refused(BROKEN) : { taken, refusal: null };
}

function list(kind: ListKind, shelf: Shelf, asked: Asked): WireAnswer {
  const paging = pagingOf(kind, asked);
  if (asked.id !== undefined && shelf.of(asked.id).length === 0) return refusal('no-object');
  const found = filtered(kind, shelf, asked, paging);
  const page = paging.limit === null ? found : found.slice(0, paging.limit);
  const last = page.at(-1);
  if (last === undefined) return json({});
  const more = page.length < found.length;
  const shown = page.map((version) => shownAs(kind, version, asked.faults));
  const content = kind === 'versions' ? { more, versions: shown } : { more, objects: shown };
  // Of a manifest it says that there is more, and not where.
  return json({ ...content, ...(more && kind === 'objects' ? { next: cursorAfter(last) } : {}) }, addedHeaders(page));
}

function shownAs(kind: ListKind, version: Version, faults: TaxiiFaults): unknown {
  const { id, at, object } = version;
  if (kind === 'versions') return at;
  if (kind === 'manifest') return manifestRecord(version, at ?? version.version);
  // Its `spec_version` is the type, by mistake.
  const type = typeOf(textOf(object, 'id') ?? id);
  const { id: _id, type: _type, spec_version: _spec, ...others } = shownObject(object, faults);
  return { id, type, spec_version: type, ...others };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
