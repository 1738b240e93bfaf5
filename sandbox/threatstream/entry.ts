import type { Kind } from './kinds.ts';
import type { Profile } from './profile.ts';

/** The entries that share a profile, so that a million of them do not each carry one. */
export interface Shelf {
  readonly profile: Profile;
  readonly members: Set<Entry>;
}

/** `gone` was set inactive; `falsepos` was reported as a false positive, or imported as one. */
export type EntryState = 'awaiting-review' | 'active' | 'gone' | 'falsepos';

/** What our organisation holds of one value of one kind. */
export interface Entry {
  id: number;
  readonly value: string;
  readonly kind: Kind;
  /** Null until what arrived has been taken in. */
  shelf: Shelf | null;
  state: EntryState;
  /** Its place in the order of updates. */
  updateId: number;
  /** What arrived and has not been taken in yet. */
  coming: Profile | null;
  /** When what is held was taken in, in milliseconds since 1970; 0 when nothing was. */
  heldAt: number;
  modifiedAt: number;
}
