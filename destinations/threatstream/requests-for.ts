import type { Rendered } from '../destination.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** Active ones, and those that wait for a review. */
const A_SEARCH = 2;

/**
 * A session is sent, and asked for until it is done, twice as a rule; one with a URL in it is searched for, too. What is written
 * directly is searched for from the beginning, until it shows.
 */
export function requestsFor(items: readonly Rendered[], { approval }: ResolvedSettings): number {
  if (approval === 'bypass') return 1 + 2 * A_SEARCH;
  return 3 + (items.some(({ value }) => value.includes('://')) ? A_SEARCH : 0);
}
