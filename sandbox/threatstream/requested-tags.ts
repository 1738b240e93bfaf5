import type { Entry } from './entry.ts';
import type { Tag } from './profile.ts';

/** Which observables, ours and others', carry which tags because a request put them there. */
export class RequestedTags {
  readonly #carriers = new Map<string, Set<Entry>>();

  /** By name; none has none. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#carriers].map(([name, entries]) => [name, entries.size]));
  }

  add(entry: Entry, tags: readonly Tag[]): void {
    for (const { name } of tags) {
      const known = this.#carriers.get(name);
      if (known === undefined) this.#carriers.set(name, new Set([entry]));
      else known.add(entry);
    }
  }

  remove(entry: Entry, tags: readonly Tag[]): void {
    for (const { name } of tags) {
      const known = this.#carriers.get(name);
      known?.delete(entry);
      if (known?.size === 0) this.#carriers.delete(name);
    }
  }

  /** Names, each with the ids of what carries it. */
  save(): [string, number[]][] {
    return [...this.#carriers].map(([name, entries]) => [name, Array.from(entries, ({ id }) => id)]);
  }

  restore(saved: readonly (readonly [string, readonly number[]])[], byId: (id: number) => Entry | undefined): void {
    for (const [name, ids] of saved) {
      for (const id of ids) {
        const entry = byId(id);
        if (entry !== undefined) this.add(entry, [{ name, tlp: null }]);
      }
    }
  }
}
