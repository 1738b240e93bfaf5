import type { ReadyDestination } from '../destinations/kind.ts';

/** Requests in a second of each account: the lowest that is set for any pipeline that uses it. */
export function accountRates(
  pipelines: readonly { readonly destination: Pick<ReadyDestination, 'account' | 'requestsPerSecond'> }[],
): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  for (const { destination } of pipelines) {
    const { account, requestsPerSecond } = destination;
    lowest.set(account, Math.min(requestsPerSecond, lowest.get(account) ?? Number.POSITIVE_INFINITY));
  }
  return lowest;
}
