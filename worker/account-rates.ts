import type { ResolvedConfig } from '../config/resolve-secrets.ts';

/** Requests in a second of each account: the lowest that is set for any pipeline that uses it. */
export function accountRates(pipelines: ResolvedConfig['pipelines']): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  for (const { destination } of Object.values(pipelines)) {
    const { account, requestsPerSecond } = destination;
    lowest.set(account, Math.min(requestsPerSecond, lowest.get(account) ?? Number.POSITIVE_INFINITY));
  }
  return lowest;
}
