import type { Kind } from './kinds.ts';
import { contentOf, type Profile } from './profile.ts';

/** `gone` was withdrawn or reported as a false positive. */
export type EntryState = 'awaiting-review' | 'active' | 'gone';

/** The entries that share a profile, so that a million of them do not each carry one. */
export interface Shelf {
  readonly profile: Profile;
  readonly content: string;
  readonly members: Set<Entry>;
}

/** What our organisation holds of one value. */
export interface Entry {
  readonly id: number;
  readonly value: string;
  readonly kind: Kind;
  /** Null until what arrived has been taken in. */
  shelf: Shelf | null;
  state: EntryState;
  /** Its place in the order of updates. */
  updateId: number;
  /** Content of what arrived last, taken in or still under way; null when nothing, or when it was withdrawn since. */
  latest: string | null;
  /** When what is held was taken in, in milliseconds since 1970; 0 when nothing was. */
  heldAt: number;
}

const FIRST_ID = 1_000_001;

/** One entry for each value of our organisation; every look-up is by value, id, tag, session or place in the order of updates. */
export class Holdings {
  readonly #markerPrefix: string;
  readonly #now: () => Date;
  readonly #byValue = new Map<string, Entry>();
  readonly #entries: Entry[] = [];
  /** Entries in the order of their updates; an entry that was updated again is stale at its old places. */
  readonly #updates: Entry[] = [];
  readonly #shelves = new Map<string, Shelf>();
  /** Arrivals of one request share a profile object: its key is made once. */
  readonly #keys = new WeakMap<Profile, string>();
  readonly #byTag = new Map<string, Set<Shelf>>();
  #held = 0;
  #duplicates = 0;
  #changes = 0;
  #retracted = 0;

  constructor(markerPrefix: string, now: () => Date) {
    this.#markerPrefix = markerPrefix;
    this.#now = now;
  }

  /** What the judge counts. */
  counts(): { holds: number; duplicates: number; updates: number; retracted: number } {
    return {
      holds: this.#held,
      duplicates: this.#duplicates,
      updates: this.#changes,
      retracted: this.#retracted,
    };
  }

  /** What had been counted when it was saved. */
  restoreCounts({ duplicates, updates, retracted }: Omit<ReturnType<Holdings['counts']>, 'holds'>): void {
    this.#duplicates = duplicates;
    this.#changes = updates;
    this.#retracted = retracted;
  }

  /** A value arrived and will be taken in sooner or later; whether it arrived before is decided here. */
  arrive(value: string, kind: Kind, profile: Profile): Entry {
    const entry = this.#byValue.get(value) ?? this.#create(value, kind);
    const content = this.#shelf(profile).content;
    if (entry.latest === content) this.#duplicates += 1;
    else if (entry.latest !== null) this.#changes += 1;
    entry.latest = content;
    return entry;
  }

  /** What arrived becomes what is held. */
  takeIn(entry: Entry, profile: Profile, state: 'awaiting-review' | 'active'): void {
    const shelf = this.#shelf(profile);
    if (!isHeld(entry)) this.#held += 1;
    if (entry.shelf !== shelf) {
      this.#leaveShelf(entry);
      entry.shelf = shelf;
      shelf.members.add(entry);
    }
    entry.heldAt = this.#now().getTime();
    this.#change(entry, state);
  }

  /** An analyst's approval. */
  approve(entry: Entry): void {
    if (entry.shelf !== null && entry.state === 'awaiting-review') this.#change(entry, 'active');
  }

  /** Set inactive, or reported as a false positive. */
  withdraw(entry: Entry): void {
    if (!isHeld(entry)) return;
    this.#held -= 1;
    this.#retracted += 1;
    entry.latest = null;
    this.#change(entry, 'gone');
  }

  /** An entry as it was when it was saved; nothing is counted but that it is held. */
  restore(value: string, kind: Kind, profile: Profile, state: EntryState, heldAt: number): Entry {
    const entry = this.#create(value, kind);
    entry.heldAt = heldAt;
    const shelf = this.#shelf(profile);
    entry.shelf = shelf;
    shelf.members.add(entry);
    if (state !== 'gone') {
      this.#held += 1;
      entry.latest = shelf.content;
    }
    this.#change(entry, state);
    return entry;
  }

  byValue(value: string): Entry | undefined {
    return this.#byValue.get(value);
  }

  byId(id: number): Entry | undefined {
    return this.#entries[id - FIRST_ID];
  }

  countTagged(name: string): number {
    let count = 0;
    for (const { members } of this.#byTag.get(name) ?? []) count += members.size;
    return count;
  }

  /** Those that carry the tag, in the order of updates. */
  byTag(name: string): Entry[] {
    const entries: Entry[] = [];
    for (const { members } of this.#byTag.get(name) ?? []) entries.push(...members);
    return entries.sort((a, b) => a.updateId - b.updateId);
  }

  /** All of them, in the order of updates, from the one after a place. */
  *after(updateId: number): Generator<Entry> {
    for (let place = Math.max(0, updateId); place < this.#updates.length; place += 1) {
      const entry = this.#updates[place];
      if (entry?.updateId === place + 1 && entry.shelf !== null) yield entry;
    }
  }

  #create(value: string, kind: Kind): Entry {
    const id = FIRST_ID + this.#entries.length;
    const entry: Entry = { id, value, kind, shelf: null, state: 'gone', updateId: 0, latest: null, heldAt: 0 };
    this.#byValue.set(value, entry);
    this.#entries.push(entry);
    return entry;
  }

  #change(entry: Entry, state: EntryState): void {
    entry.state = state;
    this.#updates.push(entry);
    entry.updateId = this.#updates.length;
  }

  #shelf(profile: Profile): Shelf {
    const key = this.#keyOf(profile);
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const shelf = { profile, content: contentOf(profile, this.#markerPrefix), members: new Set<Entry>() };
    this.#shelves.set(key, shelf);
    for (const { name } of profile.tags) {
      const shelves = this.#byTag.get(name);
      if (shelves === undefined) this.#byTag.set(name, new Set([shelf]));
      else shelves.add(shelf);
    }
    return shelf;
  }

  #keyOf(profile: Profile): string {
    const known = this.#keys.get(profile);
    if (known !== undefined) return known;
    const key = JSON.stringify(profile);
    this.#keys.set(profile, key);
    return key;
  }

  #leaveShelf(entry: Entry): void {
    const { shelf } = entry;
    if (shelf === null) return;
    shelf.members.delete(entry);
    if (shelf.members.size > 0) return;
    this.#shelves.delete(this.#keyOf(shelf.profile));
    for (const { name } of shelf.profile.tags) {
      const shelves = this.#byTag.get(name);
      shelves?.delete(shelf);
      if (shelves?.size === 0) this.#byTag.delete(name);
    }
  }
}

export function isHeld(entry: Entry): boolean {
  return entry.shelf !== null && entry.state !== 'gone';
}
