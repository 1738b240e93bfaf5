/** Withdrawals that were pushed and do not show yet, by the item. Of a worker that has ended nothing is known: it is pushed once more. */
export class UnderWay {
  readonly #since = new Map<number, number>();
  readonly #keptMs: number;

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /** For how many milliseconds; null for one that is not. */
  lasted(id: number, now: Date): number | null {
    const since = this.#since.get(id);
    return since === undefined ? null : now.getTime() - since;
  }

  begin(ids: readonly number[], now: Date): void {
    // Those that nobody asks for any more.
    for (const [id, since] of this.#since) if (now.getTime() - since > this.#keptMs) this.#since.delete(id);
    for (const id of ids) this.#since.set(id, now.getTime());
  }

  end(id: number): void {
    this.#since.delete(id);
  }
}
