import { Fault } from '../../indicators/fault.ts';
import type { Page } from './reply-schemas.ts';
import { API } from './threatstream-client.ts';

type Query = Readonly<Record<string, string>>;

/**
 * What to ask for the next page of a search with; null when this page was the last. A page that is full and does not say whether more
 * follow is not the last: nothing may count as absent because an answer was cut.
 */
export function nextQuery(query: Query, { next, size }: Page<unknown>, limit: number): Query | null {
  if (next === null || size === 0 || (next === undefined && size < limit)) return null;
  if (next === undefined || !next.includes('?')) {
    throw new Fault('Unavailable', `${API} answered a full page of a search without a readable meta.next.`);
  }
  const parameters = new URLSearchParams(next.slice(next.indexOf('?') + 1));
  // Only the parameters are taken: where the key is sent is not for an answer to say. What was asked for stays asked for.
  for (const name of ['api_key', 'username', 'remote_api']) parameters.delete(name);
  return { ...query, ...Object.fromEntries(parameters) };
}
