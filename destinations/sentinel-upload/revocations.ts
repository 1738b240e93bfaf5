/** So many are remembered: more than are withdrawn while their rows take to show. */
const MOST = 20_000;

/** Revocations that were uploaded and not seen yet, by id. A worker that is started again knows of none, and uploads them once more. */
export class Revocations {
  readonly #sentAt = new Map<string, number>();

  note(ids: readonly string[], at: Date): void {
    for (const id of ids) {
      this.#sentAt.delete(id);
      this.#sentAt.set(id, at.getTime());
    }
    for (const id of this.#sentAt.keys()) {
      if (this.#sentAt.size <= MOST) break;
      this.#sentAt.delete(id);
    }
  }

  /** How long ago it was uploaded, in milliseconds; null when it was not, as far as is known. */
  ago(id: string, now: Date): number | null {
    const at = this.#sentAt.get(id);
    return at === undefined ? null : now.getTime() - at;
  }

  forget(id: string): void {
    this.#sentAt.delete(id);
  }
}
