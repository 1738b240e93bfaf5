import { z } from 'zod';

const count = z.int().default(0);
export const tagWriteCounts = z.object({ tagWrites: count, idleTagWrites: count, foreignTouched: count });
type TagWriteCounts = z.infer<typeof tagWriteCounts>;

/** What requests did to the tags of attributes, and tried to do to what is not theirs. */
export class TagWrites {
  #written = 0;
  #idle = 0;
  #foreign = 0;

  /** The tags of one attribute were asked for; whether that changed them. */
  asked(isChanged: boolean): void {
    if (isChanged) this.#written += 1;
    else this.#idle += 1;
  }

  /** Something other than a local tag was asked for, of another organisation's event or what is in it. */
  touchedForeign(): void {
    this.#foreign += 1;
  }

  counts(): TagWriteCounts {
    return { tagWrites: this.#written, idleTagWrites: this.#idle, foreignTouched: this.#foreign };
  }

  restore({ tagWrites, idleTagWrites, foreignTouched }: TagWriteCounts): void {
    this.#written = tagWrites;
    this.#idle = idleTagWrites;
    this.#foreign = foreignTouched;
  }
}
