import type { Entry } from './entry.ts';
import type { Kind } from './kinds.ts';

/** Which entries there are of a value: one that imports of ours brought, or would be a duplicate of, and any number of others. */
export class ValueIndex {
  readonly #ours = new Map<string, Entry>();
  /** Values of the type String, which may be written as a value of another type is. */
  readonly #strings = new Map<string, Entry>();
  readonly #others = new Map<string, Entry[]>();

  ours(value: string, kind: Kind): Entry | undefined {
    return this.#of(kind).get(value);
  }

  setOurs(entry: Entry): void {
    this.#of(entry.kind).set(entry.value, entry);
  }

  addOther(entry: Entry): void {
    const known = this.#others.get(entry.value);
    if (known === undefined) this.#others.set(entry.value, [entry]);
    else known.push(entry);
  }

  remove(entry: Entry): void {
    const { value, kind } = entry;
    if (this.#of(kind).get(value) === entry) this.#of(kind).delete(value);
    const left = this.#others.get(value)?.filter((other) => other !== entry) ?? [];
    if (left.length === 0) this.#others.delete(value);
    else this.#others.set(value, left);
  }

  /** Those of the value, of whatever kind and owner. */
  all(value: string): Entry[] {
    const found = [this.#ours.get(value), this.#strings.get(value), ...(this.#others.get(value) ?? [])];
    return found.filter((entry) => entry !== undefined);
  }

  #of(kind: Kind): Map<string, Entry> {
    return kind === 'string' ? this.#strings : this.#ours;
  }
}
