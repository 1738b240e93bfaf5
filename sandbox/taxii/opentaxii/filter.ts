import { laterOf, type Version } from '../contents.ts';
import type { Asked, ListKind, Shelf } from '../dialect.ts';
import { instantOf } from '../instant.ts';
import { Refused } from '../refused.ts';
import { specVersionOf } from '../shown.ts';
import { typeOf } from '../stix-object.ts';
import { BROKEN, validationError } from './answers.ts';

const PAGING = ['limit', 'added_after', 'next', 'match[spec_version]'];
const KNOWN: Readonly<Record<ListKind | 'object', readonly string[]>> = {
  objects: [...PAGING, 'match[version]', 'match[id]', 'match[type]'],
  manifest: [...PAGING, 'match[version]', 'match[id]', 'match[type]'],
  object: [...PAGING, 'match[version]'],
  versions: PAGING,
};

interface Paging {
  readonly limit: number | null;
  readonly after: { readonly dateAdded: string; readonly id: string } | null;
}

/** Refuses a query that it does not know. (Source: OpenTAXII, `taxii2/validation.py`; marshmallow's words.) */
export function pagingOf(kind: ListKind, { query, id, faults }: Asked): Paging {
  const known = KNOWN[kind === 'objects' && id !== undefined ? 'object' : kind];
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(unknown, 'Unknown field.');
  const limit = query.get('limit');
  if (limit !== null && !/^[+-]?\d+$/.test(limit)) throw invalid('limit', 'Not a valid integer.');
  const since = query.get('added_after');
  if (since !== null && !/\.\d{1,6}Z$/.test(since)) throw invalid('added_after', 'Not a valid datetime.');
  const next = query.get('next');
  const after = next === null ? null : cursorOf(next);
  if (next !== null && (after === null || faults.nextForgotten)) throw invalid('next', 'Not a valid value.');
  // (Source: OpenTAXII: it takes the last of an empty page.)
  if (Number(limit ?? 1) === 0) throw new Refused(BROKEN);
  return { limit: smaller(limit === null ? null : Number(limit), faults.pageSize), after };
}

/** (Source: OpenTAXII, `_filtered_objects_query`.) */
export function filtered(kind: ListKind, shelf: Shelf, { query, id }: Asked, { after }: Paging): readonly Version[] {
  const ids = id === undefined ? query.get('match[id]')?.split(',') : [id];
  const candidates = ids === undefined ? shelf.all() : shelf.ofAny(ids);
  const types = query.get('match[type]')?.split(',');
  const specs = query.get('match[spec_version]')?.split(',');
  const since = instantOf(query.get('added_after') ?? '') ?? '';
  const match = kind === 'versions' ? ['all'] : (query.get('match[version]') ?? 'last').split(',');
  const chosen = match.includes('all') ? candidates : ofVersions(candidates, match);
  return chosen
    .filter(
      (version) =>
        version.dateAdded > since &&
        (types?.includes(typeOf(version.id)) ?? true) &&
        (specs?.includes(specVersionOf(version.object)) ?? true) &&
        (after === null || placeOf(version) > placeOf(after)),
    )
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : Number(placeOf(a) > placeOf(b))));
}

function placeOf({ dateAdded, id }: { readonly dateAdded: string; readonly id: string }): string {
  return `${dateAdded} ${id}`;
}

/** (Source: OpenTAXII, `get_next_param`: what was seen last, which stays good for ever.) */
export function cursorAfter({ dateAdded, id }: Version): string {
  return Buffer.from(`${dateAdded.replace('Z', '+00:00')}|${id}`).toString('base64');
}

function cursorOf(next: string): Paging['after'] {
  const [instant = '', id = '', ...more] = Buffer.from(next, 'base64').toString().split('|');
  const [dateAdded = ''] = instant.split('+');
  return dateAdded === '' || id === '' || more.length > 0 ? null : { dateAdded: `${dateAdded}Z`, id };
}

function ofVersions(versions: readonly Version[], match: readonly string[]): readonly Version[] {
  const newest = new Map<string, Version>();
  const oldest = new Map<string, Version>();
  for (const version of versions) {
    const { id } = version;
    newest.set(id, laterOf(newest.get(id) ?? version, version));
    const sofar = oldest.get(id) ?? version;
    oldest.set(id, laterOf(version, sofar) === sofar ? version : sofar);
  }
  const instants = new Set(match.map(instantOf));
  return versions.filter(
    (version) =>
      (match.includes('last') && newest.get(version.id) === version) ||
      (match.includes('first') && oldest.get(version.id) === version) ||
      (version.at !== null && instants.has(version.at)),
  );
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function invalid(field: string, words: string): Refused {
  return new Refused(validationError({ [field]: [words] }));
}
