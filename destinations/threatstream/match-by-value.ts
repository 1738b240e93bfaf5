import { comparable } from './text-value.ts';

interface WithValue {
  readonly value: string;
}

/**
 * Which of what ThreatStream shows is which item: the one with the very value, else one whose value it may have written otherwise, and
 * that is no other item's. One that stands first goes first.
 */
export function matchByValue<I extends WithValue, F extends WithValue>(
  items: readonly I[],
  found: readonly F[],
): ReadonlyMap<I, F> {
  const matched = new Map<I, F>();
  const exact = new Map<string, F>();
  for (const one of found) if (!exact.has(one.value)) exact.set(one.value, one);
  for (const item of items) {
    const one = exact.get(item.value);
    if (one !== undefined) matched.set(item, one);
  }
  if (matched.size === items.length) return matched;
  const values = new Set(items.map(({ value }) => value));
  const alike = new Map<string, F>();
  for (const one of found) {
    const key = comparable(one.value);
    if (!values.has(one.value) && !alike.has(key)) alike.set(key, one);
  }
  for (const item of items) {
    if (matched.has(item)) continue;
    const key = comparable(item.value);
    const one = alike.get(key);
    if (one === undefined) continue;
    matched.set(item, one);
    alike.delete(key);
  }
  return matched;
}
