/** Counts what happened within the last so many milliseconds. */
export class RequestWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  readonly #times: number[] = [];

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** 0 when one more may happen now, which is then counted; else how many milliseconds to wait. */
  take(nowMs: number): number {
    while ((this.#times[0] ?? nowMs) <= nowMs - this.#lengthMs) this.#times.shift();
    if (this.#times.length >= this.#limit) return (this.#times[0] ?? nowMs) + this.#lengthMs - nowMs;
    this.#times.push(nowMs);
    return 0;
  }
}
