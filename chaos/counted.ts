/** Violations named for each kind; the rest is counted. */
const NAMED = 4;

/** A sentence for what was found, with the names of some; none for nothing. */
export function counted<T>(found: readonly T[], what: string, name: (one: T) => string): readonly string[] {
  if (found.length === 0) return [];
  const more = found.length > NAMED ? ', …' : '';
  return [`${found.length} ${what}: ${found.slice(0, NAMED).map(name).join(', ')}${more}`];
}
