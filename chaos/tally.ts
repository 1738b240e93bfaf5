/** How often each kind of trouble was made. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string, times = 1): void {
    if (times > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  addAll(counts: Readonly<Record<string, number>>): void {
    for (const [kind, times] of Object.entries(counts)) this.add(kind, times);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, each) => sum + each, 0);
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
