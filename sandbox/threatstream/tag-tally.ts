import type { Entry } from './entry.ts';
import type { Tag } from './profile.ts';
import { isPublicTag } from './tags.ts';

/** Which tags there ever were, and which values they were public on. */
export class TagTally {
  readonly #names = new Set<string>();
  readonly #public = new Map<string, Set<Entry>>();
  #pairs = 0;

  get names(): readonly string[] {
    return [...this.#names];
  }

  counts(): { readonly tagNames: number; readonly publicTags: number } {
    return { tagNames: this.#names.size, publicTags: this.#pairs };
  }

  add(entry: Entry, tags: readonly Tag[]): void {
    for (const tag of tags) {
      this.#names.add(tag.name);
      if (!isPublicTag(tag)) continue;
      const entries = this.#public.get(tag.name) ?? new Set();
      this.#public.set(tag.name, entries);
      if (entries.has(entry)) continue;
      entries.add(entry);
      this.#pairs += 1;
    }
  }

  addNames(names: Iterable<string>): void {
    for (const name of names) this.#names.add(name);
  }

  /** What had been counted when it was saved, also of tags that are no more. */
  restore(names: Iterable<string>, publicTags: number): void {
    this.addNames(names);
    this.#pairs = Math.max(this.#pairs, publicTags);
  }
}
