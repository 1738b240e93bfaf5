/** A look-up compares with each of them, so there are few. */
export const MOST_WILDCARDS = 100;

/** Names and patterns of names, where `*` stands for any text, also for none. Upper and lower case are one. */
export interface NamePatterns {
  /** False when there are too many with a `*`. The name is plain (`plainName`). */
  readonly add: (name: string, at: number) => boolean;
  readonly find: (name: string) => number | null;
}

export function createNamePatterns(): NamePatterns {
  const exact = new Map<string, number>();
  const patterns: { readonly pattern: string; readonly at: number }[] = [];
  return {
    add(name, at) {
      if (!hasWildcard(name)) exact.set(name, exact.get(name) ?? at);
      else if (patterns.length === MOST_WILDCARDS) return false;
      else patterns.push({ pattern: name, at });
      return true;
    },
    find(name) {
      const plain = plainName(name);
      return exact.get(plain) ?? patterns.find(({ pattern }) => matches(pattern, plain))?.at ?? null;
    },
  };
}

export function plainName(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

export function hasWildcard(name: string): boolean {
  return name.includes('*');
}

/** Each piece is looked for once, from where the one before it ended: there is nothing to go back for. */
export function matches(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return name === start;
  if (name.length < start.length + end.length || !name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - end.length;
}
