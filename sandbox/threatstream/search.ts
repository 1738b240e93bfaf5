import { type Copy, foreignCopy, heldCopy } from './copies.ts';
import type { Entry } from './entry.ts';
import type { Holdings } from './holdings.ts';
import { intelligenceObject } from './intelligence-object.ts';
import { FOREIGN_IDS } from './organisation.ts';
import { limitOf } from './page-limit.ts';
import { Declined, whole } from './request-values.ts';
import type { SavedSearches } from './saved-searches.ts';
import { idList, type SearchFilter, searchFilter } from './search-filter.ts';
import type { Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

interface SearchIn {
  readonly holdings: Holdings;
  readonly sessions: Sessions;
  readonly searches: SavedSearches;
}

type Switches = Pick<ThreatStreamFaults, 'foreignCopies' | 'searchHides' | 'nextBy' | 'descending'>;

/** A tag of more entries than this is looked for by going through all in order, page by page, and not by its index. */
const MOST_BY_TAG = 20_000;

/** `GET /api/v2/intelligence/`: one page, in the order of updates. (Source: facts/apis.md 2.6, facts/tips.md 2.1.) Throws `Declined`. */
export function search(
  query: URLSearchParams,
  { holdings, sessions, searches }: SearchIn,
  switches: Switches,
): Readonly<Record<string, unknown>> {
  const isDescending = orderOf(query, switches);
  const limit = limitOf(query);
  const offset = whole(query, 'offset', 0);
  const filter = searchFilter(query, searches);
  const found: Copy[] = [];
  let more = false;
  for (const copy of copiesOf(entriesOf(query, filter, holdings, sessions, isDescending), switches, isDescending)) {
    if (!filter.matches(copy) || switches.searchHides.some((status) => status === copy.status)) continue;
    if (found.length === offset + limit) {
      more = true;
      break;
    }
    found.push(copy);
  }
  const page = found.slice(offset);
  return {
    meta: {
      total_count: more ? Math.max(holdings.size, found.length + 1) : found.length,
      approximate_count: more,
      took: 1,
      next: more ? nextPage(query, limit, offset, page.at(-1), switches.nextBy) : null,
      limit,
      offset,
    },
    objects: page.map(intelligenceObject),
  };
}

/** True for the newest updates first. Only one order is documented. */
function orderOf(query: URLSearchParams, { descending }: Switches): boolean {
  const order = query.get('order_by') ?? 'update_id';
  if (order === 'update_id') return false;
  if (order === '-update_id' && descending === 'answers') return true;
  throw new Declined(400, 'order_by must be update_id.');
}

/** Those that may match, in order. */
function entriesOf(
  query: URLSearchParams,
  filter: SearchFilter,
  holdings: Holdings,
  sessions: Sessions,
  isDescending: boolean,
): Iterable<Entry> {
  const few = fewOf(query, filter, holdings, sessions);
  if (few !== null) {
    const sign = isDescending ? -1 : 1;
    return [...new Set(few)].sort((a, b) => sign * (a.updateId - b.updateId));
  }
  if (isDescending) return holdings.descending();
  return holdings.after(
    Math.max(whole(query, 'update_id__gt', 0), whole(query, 'update_id__gte', 1) - 1, whole(query, 'search_after', 0)),
  );
}

/** Null when only going through all of them finds them. */
function fewOf(
  query: URLSearchParams,
  filter: SearchFilter,
  holdings: Holdings,
  sessions: Sessions,
): readonly Entry[] | null {
  const value = query.get('value');
  if (value !== null) return holdings.byValue(value);
  const ids = query.get('id');
  if (ids !== null) {
    return idList(ids).flatMap((id) => holdings.byId(id < FOREIGN_IDS ? id : id - FOREIGN_IDS) ?? []);
  }
  if (filter.values !== null) return [...filter.values].flatMap((one) => holdings.byValue(one));
  const session = query.get('import_session_id');
  if (session !== null) {
    const known = sessions.get(session);
    return known === undefined ? [] : sessions.ownEntries(known);
  }
  const tag = query.get('tags.name');
  return tag !== null && holdings.countTagged(tag) <= MOST_BY_TAG ? [...holdings.byTag(tag)] : null;
}

/** With those of another organisation, each before ours in the order of updates. */
function* copiesOf(
  entries: Iterable<Entry>,
  { foreignCopies }: Switches,
  isDescending: boolean,
): Generator<Copy, void, undefined> {
  for (const entry of entries) {
    const held = heldCopy(entry);
    if (held === null) continue;
    if (isDescending) yield held;
    // A copy of the copy of another organisation would be one too many.
    const isImported = held.profile.origin === undefined;
    if (isImported && isInShare('foreign', entry.value, foreignCopies)) yield foreignCopy(entry);
    if (!isDescending) yield held;
  }
}

/** Relative, as the real one seems to have it. */
function nextPage(
  query: URLSearchParams,
  limit: number,
  offset: number,
  last: Copy | undefined,
  nextBy: Switches['nextBy'],
): string {
  const next = new URLSearchParams(query);
  next.set('limit', String(limit));
  if (nextBy === 'offset' || last === undefined) next.set('offset', String(offset + limit));
  else {
    next.delete('offset');
    next.delete('update_id__gte');
    const name = query.get('order_by') === '-update_id' ? 'update_id__lt' : 'update_id__gt';
    next.set(nextBy === 'search_after' ? nextBy : name, String(last.updateId));
  }
  return `/api/v2/intelligence/?${next.toString()}`;
}
