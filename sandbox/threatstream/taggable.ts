import { breakOn, type Rooms } from './answer.ts';
import type { Entry } from './entry.ts';
import { FOREIGN_IDS } from './organisation.ts';
import { isForeign, type Tag } from './profile.ts';
import { Declined } from './request-values.ts';
import { isPublicTag } from './tags.ts';

const REFUSALS = { unauthorised: 401, forbidden: 403, missing: 404 } as const;

interface Wish {
  readonly adds?: readonly Tag[];
  /** One without a TLP is of any. */
  readonly removes?: readonly Tag[];
}

/** One observable that is to be tagged. Throws `Declined`. */
export function taggableOne(rooms: Rooms, id: number, wish: Wish): Entry {
  const entry = known(rooms, id);
  if (entry === null) throw new Declined(404, 'Not found.');
  noteForeign(rooms, entry, wish);
  const refusal = refusalOf(rooms, entry);
  if (refusal !== null) throw refusal;
  return entry;
}

/** Those of many that may be tagged. Throws `Declined` where one refuses all. (Source: facts/tips.md 2.3; what one does to all is UNCONFIRMED.) */
export function taggableOnes(rooms: Rooms, ids: readonly number[], wish: Wish): Entry[] {
  const { unknownIds, bulkForbidden } = rooms.faults();
  const found = ids.map((id) => known(rooms, id));
  const there = found.filter((entry) => entry !== null);
  if (there.length < found.length && unknownIds === 'refused') throw new Declined(404, 'Not found.');
  for (const entry of there) noteForeign(rooms, entry, wish);
  return there.filter((entry) => {
    const refusal = refusalOf(rooms, entry);
    if (refusal !== null && bulkForbidden === 'request') throw refusal;
    return refusal === null;
  });
}

function known({ holdings, counts, faults }: Rooms, id: number): Entry | null {
  if (id >= FOREIGN_IDS) {
    counts.foreignTouched += 1;
    throw new Declined(403, 'It belongs to another organisation.');
  }
  const entry = holdings.byId(id);
  if (entry === undefined || entry.shelf === null) return null;
  breakOn(faults().broken.changes, [entry]);
  return entry;
}

/** What everyone sees of another organisation's observable is not ours to change. */
function noteForeign({ counts }: Rooms, { shelf }: Entry, { adds = [], removes = [] }: Wish): void {
  if (shelf === null || !isForeign(shelf.profile)) return;
  const theirs = new Set(shelf.profile.tags.filter(isPublicTag).map(({ name }) => name));
  const isTouched = adds.some(isPublicTag) || removes.some(({ name, tlp }) => tlp !== 'red' && theirs.has(name));
  if (isTouched) counts.foreignTouched += 1;
}

function refusalOf({ faults }: Rooms, { value, shelf }: Entry): Declined | null {
  const { untaggable, foreignTagging } = faults();
  if (untaggable.includes(value)) return new Declined(403, 'The observable may not be tagged.');
  if (shelf === null || !isForeign(shelf.profile) || foreignTagging === 'accepted') return null;
  return new Declined(REFUSALS[foreignTagging], 'It belongs to another organisation.');
}
