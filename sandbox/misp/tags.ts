import type { TagRecord } from './records.ts';

/** The tags of an instance. Case makes no difference. (Source: MISP 2.5.1, Tag::captureTag.) */
export class Tags {
  readonly #byName = new Map<string, TagRecord>();
  readonly #byId = new Map<number, TagRecord>();

  named(name: string): TagRecord | null {
    return this.#byName.get(name.trim().toLowerCase()) ?? null;
  }

  withId(id: number): TagRecord | null {
    return this.#byId.get(id) ?? null;
  }

  all(): readonly TagRecord[] {
    return [...this.#byId.values()];
  }

  add(name: string): TagRecord {
    const tag = { id: this.#byId.size + 1, name };
    this.restore(tag);
    return tag;
  }

  restore(tag: TagRecord): void {
    this.#byId.set(tag.id, tag);
    this.#byName.set(tag.name.toLowerCase(), tag);
  }
}
