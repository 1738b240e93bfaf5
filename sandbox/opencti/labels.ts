import { randomUUID } from 'node:crypto';
import type { Label } from './observable.ts';

/** A label is one whatever its case. (Source: OpenCTI, schema/identifier, `normalizeName`; domain/label, `addLabel`.) */
export class Labels {
  readonly #byName = new Map<string, Label>();
  readonly #byId = new Map<string, Label>();

  constructor(saved: readonly Label[]) {
    for (const one of saved) this.#keep(one);
  }

  all(): Label[] {
    return [...this.#byId.values()];
  }

  get(id: string): Label | null {
    return this.#byId.get(id) ?? null;
  }

  /** The one that is there, or a new one. */
  add(value: string, letters: 'kept' | 'lower'): Label {
    const text = value.trim();
    const known = this.#byName.get(text.toLowerCase());
    if (known !== undefined) return known;
    const made = { internalId: randomUUID(), value: letters === 'lower' ? text.toLowerCase() : text };
    this.#keep(made);
    return made;
  }

  #keep(one: Label): void {
    this.#byName.set(one.value.toLowerCase(), one);
    this.#byId.set(one.internalId, one);
  }
}
