import type { HostKey } from './host.ts';
import type { Indicator } from './indicator.ts';
import { comparableEmail, EXPECTED, type ListKind, readEntry } from './list-entry.ts';
import { createNamePatterns, MOST_WILDCARDS } from './name-patterns.ts';
import { createNetworks } from './networks.ts';
import type { ListReason } from './policy.ts';
import { suffixIn } from './suffixes.ts';

/** What a policy leaves out by a list of its own. */
export interface ExclusionList {
  readonly reason: ListReason;
  /**
   * Which entry speaks of the indicator, whose host that is; null for none. It costs what the indicator's text costs, whatever the
   * number of entries.
   */
  readonly find: (indicator: Indicator, host: HostKey | null) => number | null;
  /** Where an entry stands: for instance `own.txt, line 12`. */
  readonly placeOf: (at: number) => string;
}

/** What finds entries, and takes them in one by one, so that a long list need not be read in one go. */
export interface ListOfEntries {
  /** Takes in one entry that stands at a place; what is wrong with it, as a part of a sentence, or null. */
  readonly add: (text: string, at: number) => string | null;
  readonly find: ExclusionList['find'];
  /** Where there is something to do once all entries are in: does it now, and not at the first look-up. */
  readonly close?: () => void;
}

/** Between what was expected of an entry, and the entry. */
export const FOUND = ', found ';

/** A list of the policy by its kind, without an entry yet. Of entries that say the same, the first one counts. */
export function createListOfEntries(kind: ListKind): ListOfEntries {
  const { add, find } = compared(kind);
  return {
    find,
    add(text, at) {
      const entry = readEntry(kind, text);
      if (!entry.ok) return `expected ${EXPECTED[kind]}${FOUND}"${text.trim().slice(0, 60)}"`;
      return add(entry.value, at) ? null : `there are more than ${MOST_WILDCARDS} entries with a * in this list`;
    },
  };
}

interface Compared {
  readonly add: (value: string, at: number) => boolean;
  readonly find: ExclusionList['find'];
}

function compared(kind: ListKind): Compared {
  switch (kind) {
    case 'cidrs': {
      const networks = createNetworks();
      const add = (cidr: string, at: number): boolean => {
        networks.add(cidr, at);
        return true;
      };
      return { add, find: (_, host) => (host === null ? null : networks.find(host)) };
    }
    case 'domains':
      return values((entries) => (_, host) => {
        if (host?.type !== 'domain' || entries.size === 0) return null;
        const listed = suffixIn(host.value, (suffix) => entries.has(suffix));
        return listed === null ? null : (entries.get(listed) ?? null);
      });
    case 'hashes':
      return values(
        (entries) =>
          ({ key }) =>
            key.type === 'md5' || key.type === 'sha1' || key.type === 'sha256'
              ? (entries.get(key.value) ?? null)
              : null,
      );
    case 'urls':
      return values(
        (entries) =>
          ({ key }) =>
            key.type === 'url' ? (entries.get(key.value) ?? null) : null,
      );
    case 'emails':
      return values(
        (entries) =>
          ({ key }) =>
            key.type === 'email' ? (entries.get(comparableEmail(key.value)) ?? null) : null,
      );
    case 'threats': {
      const names = createNamePatterns();
      return { add: names.add, find: ({ facts }) => names.find(facts.threat) };
    }
    case 'tags': {
      const names = createNamePatterns();
      return { add: names.add, find: ({ facts }) => firstFound(facts.tags, names.find) };
    }
  }
}

function values(finder: (entries: ReadonlyMap<string, number>) => ExclusionList['find']): Compared {
  const entries = new Map<string, number>();
  return {
    add(value, at) {
      if (!entries.has(value)) entries.set(value, at);
      return true;
    },
    find: finder(entries),
  };
}

function firstFound(texts: readonly string[], find: (text: string) => number | null): number | null {
  for (const text of texts) {
    const at = find(text);
    if (at !== null) return at;
  }
  return null;
}
