import type { Entry, EntryState } from './entry.ts';
import type { Kind } from './kinds.ts';
import type { Profile } from './profile.ts';
import { Shelves } from './shelves.ts';
import { TagTally } from './tag-tally.ts';

/** What the judge counts; `threatstream-api.ts` says what each is. */
export interface HeldCounts {
  readonly holds: number;
  readonly duplicates: number;
  readonly discarded: number;
  readonly updates: number;
  readonly withdrawn: number;
}

const FIRST_ID = 1_000_001;
/** Every second place is left to another organisation's copy of the value. */
const STEP = 2;

/** One entry for each value of our organisation; every look-up is by value, id, tag or place in the order of updates. */
export class Holdings {
  readonly #now: () => Date;
  readonly #byValue = new Map<string, Entry>();
  /** Values of the type String, which may be written as a value of another type is. */
  readonly #strings = new Map<string, Entry>();
  readonly #byId: (Entry | null)[] = [];
  /** Entries in the order of their updates; an entry that was updated again is stale at its old places. */
  readonly #updates: (Entry | null)[] = [];
  readonly #shelves = new Shelves();
  readonly tags = new TagTally();
  readonly #counts = { holds: 0, duplicates: 0, discarded: 0, updates: 0, withdrawn: 0 };

  constructor(now: () => Date) {
    this.#now = now;
  }

  counts(): HeldCounts {
    return { ...this.#counts };
  }

  /** What had been counted when it was saved. */
  restoreCounts(counts: Omit<HeldCounts, 'holds'>): void {
    Object.assign(this.#counts, counts);
  }

  /**
   * A value arrived and will be taken in sooner or later. Null when the organisation has it, or when it is under way: then it is
   * discarded as a duplicate, whatever it came with. (Source: facts/tips.md 0.8. That those count that were withdrawn is UNCONFIRMED.)
   */
  arrive(value: string, kind: Kind, profile: Profile, inactiveAreDuplicates: boolean): Entry | null {
    const entry = this.#indexOf(kind).get(value) ?? this.#create(value, kind);
    const had = entry.coming ?? (isHeld(entry) ? (entry.shelf?.profile ?? null) : null);
    if (had !== null || (entry.shelf !== null && inactiveAreDuplicates)) {
      this.#counts.discarded += 1;
      if (had !== null && this.#shelves.isSameContent(had, profile)) this.#counts.duplicates += 1;
      return null;
    }
    entry.coming = profile;
    return entry;
  }

  /** What arrived becomes what is held. */
  takeIn(entry: Entry, state: EntryState): void {
    if (entry.coming === null) return;
    this.#place(entry, entry.coming);
    entry.coming = null;
    entry.heldAt = this.#now().getTime();
    this.#turn(entry, state);
    this.#touch(entry);
  }

  /** An analyst's approval; with `newId` it is another observable from then on. */
  approve(entry: Entry, newId: boolean): void {
    if (newId) {
      this.#byId[entry.id - FIRST_ID] = null;
      entry.id = FIRST_ID + this.#byId.push(entry) - 1;
    }
    this.#turn(entry, 'active');
    this.#touch(entry);
  }

  /** What is held of a value changes, or its state does. */
  change(entry: Entry, profile: Profile, state: EntryState, bumps: boolean): void {
    const before = entry.shelf?.profile;
    if (before === undefined) return;
    this.#place(entry, profile);
    const wasHeld = isHeld(entry);
    this.#turn(entry, state);
    if (isHeld(entry) && !this.#shelves.isSameContent(before, profile)) this.#counts.updates += 1;
    if (wasHeld && !isHeld(entry)) this.#counts.withdrawn += 1;
    if (bumps) this.#touch(entry);
  }

  /** An import that an analyst did not want: the organisation has nothing of it. */
  forget(entry: Entry): void {
    this.#turn(entry, 'gone');
    this.#shelves.leave(entry);
    this.#indexOf(entry.kind).delete(entry.value);
    this.#byId[entry.id - FIRST_ID] = null;
  }

  /** An entry as it was when it was saved; nothing is counted but that it is held. */
  restore(
    { id, value, kind, updateId, heldAt, modifiedAt }: Omit<Entry, 'shelf' | 'coming' | 'state'>,
    profile: Profile,
    state: EntryState,
  ): Entry {
    const entry = newEntry(id, value, kind);
    entry.updateId = updateId;
    entry.heldAt = heldAt;
    entry.modifiedAt = modifiedAt;
    this.#indexOf(kind).set(value, entry);
    putAt(this.#byId, entry.id - FIRST_ID, entry);
    putAt(this.#updates, entry.updateId / STEP - 1, entry);
    this.#place(entry, profile);
    this.#turn(entry, state);
    return entry;
  }

  /** Ids that are given next are not those of before. */
  skipIds(nextId: number, nextUpdateId: number): void {
    while (this.#byId.length < nextId - FIRST_ID) this.#byId.push(null);
    while (this.#updates.length < nextUpdateId / STEP - 1) this.#updates.push(null);
  }

  nextIds(): { readonly id: number; readonly updateId: number } {
    return { id: FIRST_ID + this.#byId.length, updateId: STEP * (this.#updates.length + 1) };
  }

  /** Those of the value, of whatever kind. */
  byValue(value: string): Entry[] {
    const found = [this.#byValue.get(value), this.#strings.get(value)];
    return found.filter((entry) => entry !== undefined);
  }

  byId(id: number): Entry | undefined {
    return this.#byId[id - FIRST_ID] ?? undefined;
  }

  countTagged(name: string): number {
    return this.#shelves.countTagged(name);
  }

  byTag(name: string): Iterable<Entry> {
    return this.#shelves.tagged(name);
  }

  /** All that were taken in, in the order of updates, from the one after a place. */
  *after(updateId: number): Generator<Entry> {
    for (let place = Math.max(0, Math.floor(updateId / STEP)); place < this.#updates.length; place += 1) {
      const entry = this.#current(place);
      if (entry !== null) yield entry;
    }
  }

  /** The same from the last one on down. */
  *descending(): Generator<Entry> {
    for (let place = this.#updates.length - 1; place >= 0; place -= 1) {
      const entry = this.#current(place);
      if (entry !== null) yield entry;
    }
  }

  #current(place: number): Entry | null {
    const entry = this.#updates[place] ?? null;
    return entry !== null && entry.shelf !== null && entry.updateId === STEP * (place + 1) ? entry : null;
  }

  #indexOf(kind: Kind): Map<string, Entry> {
    return kind === 'string' ? this.#strings : this.#byValue;
  }

  #create(value: string, kind: Kind): Entry {
    const entry = newEntry(FIRST_ID + this.#byId.length, value, kind);
    this.#indexOf(kind).set(value, entry);
    this.#byId.push(entry);
    return entry;
  }

  #place(entry: Entry, profile: Profile): void {
    this.#shelves.put(entry, profile);
    this.tags.add(entry, profile.tags);
  }

  #turn(entry: Entry, state: EntryState): void {
    const wasHeld = isHeld(entry);
    entry.state = state;
    this.#counts.holds += Number(isHeld(entry)) - Number(wasHeld);
  }

  #touch(entry: Entry): void {
    entry.updateId = STEP * this.#updates.push(entry);
    entry.modifiedAt = this.#now().getTime();
  }
}

/** All are made here, so that a million of them have one shape. */
function newEntry(id: number, value: string, kind: Kind): Entry {
  return { id, value, kind, shelf: null, state: 'gone', updateId: 0, coming: null, heldAt: 0, modifiedAt: 0 };
}

function isHeld({ shelf, state }: Entry): boolean {
  return shelf !== null && (state === 'active' || state === 'awaiting-review');
}

function putAt(list: (Entry | null)[], index: number, entry: Entry): void {
  while (list.length <= index) list.push(null);
  list[index] = entry;
}
