import type { Rooms } from './answer.ts';
import { breakOn } from './answer.ts';
import { type Copy, heldCopy } from './copies.ts';
import type { Entry } from './entry.ts';
import { FOREIGN_IDS } from './organisation.ts';
import { Declined } from './request-values.ts';

/** An observable of our organisation's that is to be changed. */
export interface OwnObservable {
  readonly entry: Entry;
  readonly copy: Copy;
}

/** 403 for another organisation's, 404 when there is none with the id. Throws `Declined`. */
export function knownObservable({ holdings, counts, faults }: Rooms, id: number): OwnObservable {
  const entry = holdings.byId(id);
  const copy = entry === undefined ? null : heldCopy(entry);
  if (id >= FOREIGN_IDS || copy?.isOurs === false) {
    counts.foreignTouched += 1;
    throw new Declined(403, 'It belongs to another organisation.');
  }
  if (entry === undefined || copy === null) throw new Declined(404, 'Not found.');
  breakOn(faults().broken.changes, [entry]);
  return { entry, copy };
}
