import type { Rendered } from '../destination.ts';

/** Sent, and asked for what it has included; asked for twice where it is alone, else by a list that tells of all that are under way. */
const OF_A_SESSION = 2.3;
/** Written, and read until it shows, twice as a rule. */
const OF_A_DIRECT_WRITE = 3;

/** A change needs a request for each item, one for the tags that they have in common, and is read once. */
export function requestsFor(items: readonly Rendered[]): number {
  const group = items[0]?.batchKey;
  if (group === 'change') return items.length + 2;
  return group === 'direct' ? OF_A_DIRECT_WRITE : OF_A_SESSION;
}
