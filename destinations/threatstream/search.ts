import { Fault } from '../../indicators/fault.ts';
import { nextQuery } from './next-page.ts';
import { type Intelligence, intelligencePage } from './reply-schemas.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';

/** The most that one page holds. (Source: CrowdStrike's OpenAPI of ThreatStream's search.) */
const PAGE = 1_000;
const PATH = '/api/v2/intelligence/';
/** A search that goes on after this many pages is not one of ours. */
const MOST_PAGES = 50;
/**
 * Asked for one by one: the default is `active` alone, and what waits for a review is `inactive`. In this order, since what is
 * approved between the two questions would otherwise be in neither answer.
 */
const STATUSES = ['inactive', 'active'] as const;

/** An address that is nobody's (RFC 5737), to search for when it is in question whether searches are answered at all. */
const NOBODYS = { value: '192.0.2.1', status: 'active', limit: '1' };

/** All that a search shows, to its last page. */
export interface SearchResult {
  readonly found: readonly Intelligence[];
  /** Objects that it shows besides, in a form that could not be read. */
  readonly unreadable: number;
}

/** Observables that carry a tag, whether they are active or wait for a review. */
export async function searchByTag(client: ThreatStreamClient, tag: string, signal: AbortSignal): Promise<SearchResult> {
  const found = new Map<string, Intelligence>();
  let unreadable = 0;
  for (const status of STATUSES) {
    const result = await search(client, { 'tags.name': tag, status }, 'Unavailable', signal);
    for (const one of result.found) found.set(one.id, one);
    unreadable += result.unreadable;
  }
  return { found: [...found.values()], unreadable };
}

/** Copies of one value, of every organisation that lets us see them. `Rejected` when a search is declined for this value alone. */
export async function searchByValue(
  client: ThreatStreamClient,
  value: string,
  signal: AbortSignal,
): Promise<Readonly<Record<(typeof STATUSES)[number], SearchResult>>> {
  const inactive = await search(client, { value, status: 'inactive' }, 'Rejected', signal);
  return { inactive, active: await search(client, { value, status: 'active' }, 'Rejected', signal) };
}

async function search(
  client: ThreatStreamClient,
  filter: Readonly<Record<string, string>>,
  whenDeclinedAlone: 'Rejected' | 'Unavailable',
  signal: AbortSignal,
): Promise<SearchResult> {
  const found: Intelligence[] = [];
  let unreadable = 0;
  const unlike = { path: PATH, query: NOBODYS, fault: whenDeclinedAlone };
  let query: Readonly<Record<string, string>> = { ...filter, limit: String(PAGE), order_by: 'update_id' };
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const page = await client.read(
      { method: 'GET', path: PATH, query, needs: 'read intelligence', unlike },
      intelligencePage,
      signal,
    );
    found.push(...page.objects);
    unreadable += page.unreadable;
    const next = nextQuery(query, page, PAGE);
    if (next === null) return { found, unreadable };
    query = next;
  }
  throw new Fault('Unavailable', `${API} went on paging after ${MOST_PAGES} pages of a search.`);
}
