/** In the order in which the events come first. */
export function byEvent<T>(all: readonly T[], eventOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(eventOf(one), [...(groups.get(eventOf(one)) ?? []), one]);
  return groups;
}
