import { type Comparison, circlesOf, compared, feedOf, type Matches } from './copy-fields.ts';
import { Declined } from './request-values.ts';
import type { SavedSearches } from './saved-searches.ts';
import { readSearchQuery } from './search-query.ts';

export interface SearchFilter {
  readonly matches: Matches;
  /** Only observables of these values match; null when there is no such bound. */
  readonly values: ReadonlySet<string> | null;
}

const SUFFIXES: Readonly<Record<string, Comparison>> = {
  '': '=',
  __gt: '>',
  __gte: '>=',
  __lt: '<',
  __lte: '<=',
};
const FIELDS = [
  'value',
  'type',
  'itype',
  'tlp',
  'tags.name',
  'meta.severity',
  'is_public',
  'import_session_id',
  'update_id',
  'confidence',
  'modified_ts',
  'created_ts',
];

/**
 * The filters of a search, with `status`, `id`, `feed_id` and `trustedcircles` as lists; a saved search (`search_filter`) counts besides `q`.
 * Without a status, in either of the two either, only active observables match. A filter that it does not
 * know is left out, so `owner_organization_id` filters nothing (UNCONFIRMED of the real one). (Source: facts/apis.md 2.6, facts/tips.md
 * 2.1.) Throws `Declined`.
 */
export function searchFilter(query: URLSearchParams, searches: SavedSearches): SearchFilter {
  const all: Matches[] = [];
  const [text, saved] = [query.get('q'), query.get('search_filter')];
  const asked = [
    ...(text === null ? [] : [readSearchQuery(text)]),
    ...(saved === null ? [] : [searches.queryOf(saved)]),
  ];
  for (const { matches } of asked) all.push(matches);
  const status = query.get('status') ?? (asked.some(({ namesStatus }) => namesStatus) ? null : 'active');
  if (status !== null) {
    const statuses = new Set(status.split(','));
    all.push((copy) => statuses.has(copy.status));
  }
  const ids = query.get('id');
  if (ids !== null) {
    const wanted = new Set(idList(ids));
    all.push(({ id }) => wanted.has(id));
  }
  const feeds = query.get('feed_id');
  if (feeds !== null) {
    const wanted = new Set(idList(feeds));
    all.push((copy) => wanted.has(feedOf(copy)));
  }
  const circles = query.get('trustedcircles');
  if (circles !== null) {
    const wanted = new Set(idList(circles));
    all.push((copy) => circlesOf(copy).some((circle) => wanted.has(circle)));
  }
  const after = query.get('search_after');
  if (after !== null) all.push(pastOf(query, after));
  const part = query.get('value__contains');
  if (part !== null) all.push(({ value }) => value.includes(part));
  for (const field of FIELDS) {
    for (const [suffix, comparison] of Object.entries(SUFFIXES)) {
      const wanted = query.get(`${field}${suffix}`);
      if (wanted === null) continue;
      const matches = compared(field, comparison, wanted);
      if (matches === null) throw new Declined(400, `${field}${suffix} cannot be understood.`);
      all.push(matches);
    }
  }
  return {
    matches: (copy) => all.every((matches) => matches(copy)),
    values: asked.find(({ values }) => values !== null)?.values ?? null,
  };
}

/** What comes after a place in the order that is asked for. */
function pastOf(query: URLSearchParams, after: string): Matches {
  const matches = compared('update_id', query.get('order_by') === '-update_id' ? '<' : '>', after);
  if (matches === null) throw new Declined(400, 'search_after cannot be understood.');
  return matches;
}

/** Ids with commas between them. */
export function idList(text: string): number[] {
  const parts = text.split(',').filter((part) => part !== '');
  if (!parts.every((part) => /^\d{1,15}$/.test(part))) throw new Declined(400, 'Ids must be whole numbers.');
  return parts.map(Number);
}
