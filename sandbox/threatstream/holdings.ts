import type { Entry, EntryState } from './entry.ts';
import type { Kind } from './kinds.ts';
import type { Profile, Tag } from './profile.ts';
import { RequestedTags } from './requested-tags.ts';
import { Shelves } from './shelves.ts';
import { TagTally } from './tag-tally.ts';
import { ValueIndex } from './value-index.ts';

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

/** Whatever can be told apart from ids that are given in turn. */
export const MOST_CHOSEN_ID = FIRST_ID - 1;

/**
 * One entry for each value that our imports brought, and any number of those that were there without them; every look-up is by value, id, tag
 * or place in the order of updates.
 */
export class Holdings {
  readonly #now: () => Date;
  readonly #values = new ValueIndex();
  /** Those whose id was chosen. */
  readonly #chosen = new Map<number, Entry>();
  readonly #byId: (Entry | null)[] = [];
  /** Entries in the order of their updates; an entry that was updated again is stale at its old places. */
  readonly #updates: (Entry | null)[] = [];
  readonly #shelves = new Shelves();
  readonly tags = new TagTally();
  readonly requestedTags = new RequestedTags();
  readonly #counts = { holds: 0, duplicates: 0, discarded: 0, updates: 0, withdrawn: 0 };
  #size = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** How many there are, whoever owns them and whatever they are at. */
  get size(): number {
    return this.#size;
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
    const entry = this.#values.ours(value, kind) ?? this.#create(value, kind);
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
    this.#place(entry, entry.coming, entry.coming.tags);
    entry.coming = null;
    entry.heldAt = this.#now().getTime();
    this.#turn(entry, state);
    this.#touch(entry);
  }

  /** Something is there that nobody imported. The id is a chosen one, or the next. */
  hold(value: string, kind: Kind, profile: Profile, state: EntryState, chosenId: number | null): void {
    const entry = newEntry(chosenId ?? FIRST_ID + this.#byId.length, value, kind);
    this.#know(entry, profile);
    this.#place(entry, profile, []);
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

  /** A request changes what is held of a value, or its state. */
  change(entry: Entry, profile: Profile, state: EntryState, bumps: boolean): void {
    const before = entry.shelf?.profile;
    if (before === undefined) return;
    const fresh = lacking(profile, before);
    this.#place(entry, profile, fresh);
    this.requestedTags.add(entry, fresh);
    const wasHeld = isCounted(entry);
    this.#turn(entry, state);
    if (isCounted(entry) && !this.#shelves.isSameContent(before, profile)) this.#counts.updates += 1;
    if (wasHeld && !isCounted(entry)) this.#counts.withdrawn += 1;
    if (bumps) this.#touch(entry);
  }

  /** What somebody did by hand, of which nothing is counted. */
  retag(entry: Entry, profile: Profile): void {
    this.#place(entry, profile, []);
    this.#touch(entry);
  }

  /** An import that an analyst did not want, or something that was deleted: nothing of it is left, nor of what was to come of it. */
  forget(entry: Entry): void {
    this.#turn(entry, 'gone');
    if (entry.shelf !== null) {
      this.#size -= 1;
      this.requestedTags.remove(entry, entry.shelf.profile.tags);
    }
    this.#shelves.leave(entry);
    entry.coming = null;
    this.#values.remove(entry);
    if (!this.#chosen.delete(entry.id)) this.#byId[entry.id - FIRST_ID] = null;
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
    this.#know(entry, profile);
    putAt(this.#updates, entry.updateId / STEP - 1, entry);
    this.#place(entry, profile, profile.origin === undefined ? profile.tags : []);
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

  /** Those of the value, of whatever kind and owner. */
  byValue(value: string): Entry[] {
    return this.#values.all(value);
  }

  byId(id: number): Entry | undefined {
    return this.#byId[id - FIRST_ID] ?? this.#chosen.get(id);
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

  #create(value: string, kind: Kind): Entry {
    const entry = newEntry(FIRST_ID + this.#byId.length, value, kind);
    this.#values.setOurs(entry);
    this.#byId.push(entry);
    return entry;
  }

  /** What comes of a feed is no duplicate of an import, which has none. (Source: facts/tips.md 0.8, 6 trap 15.) */
  #know(entry: Entry, { origin }: Profile): void {
    const isOurs = origin === undefined || (origin.isOurs && origin.feed === 0);
    if (isOurs && this.#values.ours(entry.value, entry.kind) === undefined) this.#values.setOurs(entry);
    else this.#values.addOther(entry);
    if (entry.id < FIRST_ID) this.#chosen.set(entry.id, entry);
    else putAt(this.#byId, entry.id - FIRST_ID, entry);
  }

  /** `fresh`: tags that a request of ours has put there. */
  #place(entry: Entry, profile: Profile, fresh: readonly Tag[]): void {
    if (entry.shelf === null) this.#size += 1;
    else this.requestedTags.remove(entry, lacking(entry.shelf.profile, profile));
    this.#shelves.put(entry, profile);
    this.tags.add(entry, fresh);
  }

  #turn(entry: Entry, state: EntryState): void {
    const wasHeld = isCounted(entry);
    entry.state = state;
    this.#counts.holds += Number(isCounted(entry)) - Number(wasHeld);
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

/** Of what was there without us, nothing is counted here. */
function isCounted(entry: Entry): boolean {
  return isHeld(entry) && entry.shelf?.profile.origin === undefined;
}

/** Tags that one has and the other has not. */
function lacking(one: Profile, other: Profile): readonly Tag[] {
  return one.tags.filter((tag) => !other.tags.includes(tag));
}

function putAt(list: (Entry | null)[], index: number, entry: Entry): void {
  while (list.length <= index) list.push(null);
  list[index] = entry;
}
