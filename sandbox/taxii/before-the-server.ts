import type { WireAnswer, WireRequest } from '../wire.ts';
import { proxyPage, redirection } from './html-page.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** What is answered by something in front of the server, which looks at no more than sizes and addresses; null: nothing. */
export function beforeTheServer(request: WireRequest, faults: TaxiiFaults): WireAnswer | null {
  const { longestPath, proxyBodyLimit, redirectsTo } = faults;
  const target = targetOf(request);
  if (longestPath !== null && target.length > longestPath) return proxyPage(414);
  if (proxyBodyLimit !== null && Buffer.byteLength(request.body) > proxyBodyLimit) return proxyPage(413);
  return redirectsTo === null ? null : redirection(`${redirectsTo.replace(/\/$/, '')}${target}`);
}

/** The path and the query. */
export function targetOf({ path, query }: WireRequest): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
