import type { Rooms } from './answer.ts';
import { breakOn } from './answer.ts';
import { type Copy, ownCopy } from './copies.ts';
import type { Entry } from './entry.ts';
import { FOREIGN_IDS } from './organisation.ts';
import { Declined } from './request-values.ts';

/** An observable of our organisation's that is to be changed. */
export interface OwnObservable {
  readonly entry: Entry;
  readonly copy: Copy;
}

/** 403 for another organisation's. Null when there is none with the id. Throws `Declined`. */
export function ownObservable({ holdings, counts, faults }: Rooms, id: number): OwnObservable | null {
  if (id >= FOREIGN_IDS) {
    counts.foreignTouched += 1;
    throw new Declined(403, 'It belongs to another organisation.');
  }
  const entry = holdings.byId(id);
  const copy = entry === undefined ? null : ownCopy(entry);
  if (entry === undefined || copy === null) return null;
  breakOn(faults().broken.changes, [entry]);
  return { entry, copy };
}

export function knownObservable(rooms: Rooms, id: number): OwnObservable {
  const found = ownObservable(rooms, id);
  if (found === null) throw new Declined(404, 'Not found.');
  return found;
}
