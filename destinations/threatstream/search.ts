import { Fault } from '../../indicators/fault.ts';
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

/** Observables that a shipment brought, by the tag that names it, whether they are active or wait for a review. */
export async function searchByMarker(
  client: ThreatStreamClient,
  marker: string,
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  const found = new Map<number, Intelligence>();
  for (const status of STATUSES) {
    for (const one of await search(client, { 'tags.name': marker, status }, signal)) found.set(one.id, one);
  }
  return [...found.values()];
}

/** Copies of one value in one status, of every organisation that lets us see them. */
export async function searchByValue(
  client: ThreatStreamClient,
  value: string,
  status: (typeof STATUSES)[number],
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  return search(client, { value, status }, signal);
}

async function search(
  client: ThreatStreamClient,
  filter: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  const found: Intelligence[] = [];
  let query: Readonly<Record<string, string>> = { ...filter, limit: String(PAGE), order_by: 'update_id' };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { meta, objects } = await client.read(
      { method: 'GET', path: PATH, query, needs: 'read intelligence' },
      intelligencePage,
      signal,
    );
    found.push(...objects);
    if (meta.next === null || meta.next === undefined || objects.length === 0) return found;
    query = queryOf(meta.next);
  }
  throw new Fault('Unavailable', `${API} went on paging after ${MOST_PAGES} pages of a search.`);
}

/** Only the parameters of a next page are taken: where the key is sent is not for an answer to say. */
function queryOf(next: string): Readonly<Record<string, string>> {
  const parameters = new URLSearchParams(next.slice(next.indexOf('?') + 1));
  for (const name of ['api_key', 'username', 'remote_api']) parameters.delete(name);
  return Object.fromEntries(parameters);
}
