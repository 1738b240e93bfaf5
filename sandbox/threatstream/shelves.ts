import type { Entry, Shelf } from './entry.ts';
import { contentOf, type Profile } from './profile.ts';

/** Which entries have which profile, and so which tag. */
export class Shelves {
  readonly #shelves = new Map<string, Shelf>();
  /** Entries of one request share a profile object: its key and its content are made once. */
  readonly #keys = new WeakMap<Profile, string>();
  readonly #contents = new WeakMap<Profile, string>();
  readonly #byTag = new Map<string, Set<Shelf>>();

  isSameContent(one: Profile, other: Profile): boolean {
    return one === other || this.#contentOf(one) === this.#contentOf(other);
  }

  /** Leaves the shelf on which the entry is. */
  put(entry: Entry, profile: Profile): void {
    const shelf = this.#shelf(profile);
    if (entry.shelf === shelf) return;
    this.leave(entry);
    entry.shelf = shelf;
    shelf.members.add(entry);
  }

  leave(entry: Entry): void {
    const { shelf } = entry;
    if (shelf === null) return;
    entry.shelf = null;
    shelf.members.delete(entry);
    if (shelf.members.size > 0) return;
    this.#shelves.delete(this.#keyOf(shelf.profile));
    for (const { name } of shelf.profile.tags) {
      const shelves = this.#byTag.get(name);
      shelves?.delete(shelf);
      if (shelves?.size === 0) this.#byTag.delete(name);
    }
  }

  countTagged(name: string): number {
    let count = 0;
    for (const { members } of this.#byTag.get(name) ?? []) count += members.size;
    return count;
  }

  *tagged(name: string): Generator<Entry> {
    for (const { members } of this.#byTag.get(name) ?? []) yield* members;
  }

  #shelf(profile: Profile): Shelf {
    const key = this.#keyOf(profile);
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const shelf = { profile, members: new Set<Entry>() };
    this.#shelves.set(key, shelf);
    for (const { name } of profile.tags) {
      const shelves = this.#byTag.get(name);
      if (shelves === undefined) this.#byTag.set(name, new Set([shelf]));
      else shelves.add(shelf);
    }
    return shelf;
  }

  #keyOf(profile: Profile): string {
    return remembered(this.#keys, profile, JSON.stringify);
  }

  #contentOf(profile: Profile): string {
    return remembered(this.#contents, profile, contentOf);
  }
}

function remembered(known: WeakMap<Profile, string>, profile: Profile, make: (profile: Profile) => string): string {
  const before = known.get(profile);
  if (before !== undefined) return before;
  const text = make(profile);
  known.set(profile, text);
  return text;
}
