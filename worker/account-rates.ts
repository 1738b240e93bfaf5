import type { ResolvedDestination, ResolvedPipeline } from '../config/resolve-secrets.ts';
import { accountOf } from '../destinations/threatstream/account.ts';

type Pipelines = Readonly<Record<string, ResolvedPipeline>>;

/** The account of a destination: whatever pipeline uses it, its rate is one. */
export function accountOfDestination({ baseUrl, user }: ResolvedDestination): string {
  return accountOf({ baseUrl, user: user.reveal() });
}

/** The pipelines, those of one account with one rate: the lowest that is set for any of them. */
export function withAccountRates(pipelines: Pipelines): Pipelines {
  const lowest = new Map<string, number>();
  for (const { destination } of Object.values(pipelines)) {
    const account = accountOfDestination(destination);
    lowest.set(account, Math.min(destination.requestsPerSecond, lowest.get(account) ?? Number.POSITIVE_INFINITY));
  }
  return Object.fromEntries(
    Object.entries(pipelines).map(([name, { destination, ...pipeline }]) => {
      const requestsPerSecond = lowest.get(accountOfDestination(destination)) ?? destination.requestsPerSecond;
      return [name, { ...pipeline, destination: { ...destination, requestsPerSecond } }];
    }),
  );
}
