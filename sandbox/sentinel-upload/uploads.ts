import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TipCounts, TipItem } from '../stand-in.ts';
import { hasEnded, rowId, valuesOf } from './object-rows.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';
import { instant, isIndicator, type StixObject, stixObject } from './stix-object.ts';

const upload = z.object({ source: z.string(), object: stixObject, isDeleted: z.boolean() });
/** The newest version of an object, and who sent it. */
export type Upload = z.infer<typeof upload>;

const tally = z.object({ duplicates: z.number(), updates: z.number(), withdrawn: z.number() });
export const savedUploads = z.object({ uploads: z.array(upload), tally });
type SavedUploads = z.infer<typeof savedUploads>;

export type Taken =
  /** There is a row to write. */
  | 'written'
  /** Answered as any other, and nothing came of it. */
  | 'passed-over'
  /** Not valid, since it was revoked. */
  | 'revoked-before';

/** What was uploaded, by its source and id. (Source: OpenCTI-Platform/connectors, microsoft-sentinel-intel, asks by these two.) */
export class Uploads {
  readonly #uploads = new Map<string, Upload>();
  readonly #tally: z.infer<typeof tally>;

  constructor(saved: SavedUploads = { uploads: [], tally: { duplicates: 0, updates: 0, withdrawn: 0 } }) {
    for (const each of saved.uploads) this.#uploads.set(rowId(each.source, each.object.id), each);
    this.#tally = { ...saved.tally };
  }

  take(
    source: string,
    object: StixObject,
    { versions, afterRevoked }: Pick<SentinelUploadFaults, 'versions' | 'afterRevoked'>,
    now: Date,
  ): Taken {
    const id = rowId(source, object.id);
    const known = this.#uploads.get(id);
    if (known !== undefined && !known.isDeleted) {
      const isSame = isDeepStrictEqual(known.object, object);
      if (isSame) this.#tally.duplicates += 1;
      if (known.object.revoked === true && !isSame && afterRevoked !== 'taken') {
        return afterRevoked === 'listed' ? 'revoked-before' : 'passed-over';
      }
      if (versions === 'later' && instant(object.modified) <= instant(known.object.modified)) return 'passed-over';
      if (!isSame) this.#count(known, object, now);
    }
    this.#uploads.set(id, { source, object, isDeleted: false });
    return 'written';
  }

  /** Null when there is none. */
  delete(id: string, now: Date): Upload | null {
    const known = this.#uploads.get(id);
    if (known === undefined || known.isDeleted) return null;
    if (isHeld(known, now)) this.#tally.withdrawn += 1;
    const deleted = { ...known, isDeleted: true };
    this.#uploads.set(id, deleted);
    return deleted;
  }

  /** Those that were not deleted. */
  all(): readonly Upload[] {
    return [...this.#uploads.values()].filter(({ isDeleted }) => !isDeleted);
  }

  items(now: Date): readonly TipItem[] {
    return [...this.#uploads.values()].flatMap((each): TipItem[] => {
      const { source, object } = each;
      if (!isIndicator(object)) return [];
      const state = isHeld(each, now) ? 'held' : 'gone';
      return valuesOf(object).map((value) => ({ id: rowId(source, object.id), value, state }));
    });
  }

  counts(now: Date): Omit<TipCounts, 'requests' | 'throttled'> {
    const held = this.items(now).filter(({ state }) => state === 'held');
    return { holds: new Set(held.map(({ value }) => value)).size, ...this.#tally };
  }

  save(): SavedUploads {
    return { uploads: [...this.#uploads.values()], tally: { ...this.#tally } };
  }

  #count(known: Upload, object: StixObject, now: Date): void {
    const stays = isHeld({ ...known, object }, now);
    if (isHeld(known, now) && !stays) this.#tally.withdrawn += 1;
    else this.#tally.updates += 1;
  }
}

function isHeld({ object, isDeleted }: Upload, now: Date): boolean {
  return !isDeleted && object.revoked !== true && !(isIndicator(object) && hasEnded(object, now));
}
