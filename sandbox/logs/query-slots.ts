import type { LogsLimits } from './logs-limits.ts';

export type Admission = 'admitted' | 'queue-full' | 'waited-too-long';

/** How many queries run at once; the others wait in line. */
export class QuerySlots {
  readonly #limits: LogsLimits;
  #running = 0;
  readonly #waiting: ((admission: Admission) => void)[] = [];

  constructor(limits: LogsLimits) {
    this.#limits = limits;
  }

  /** Whoever is admitted calls `leave()` when done. */
  async enter(): Promise<Admission> {
    if (this.#running < this.#limits.concurrent) {
      this.#running += 1;
      return 'admitted';
    }
    if (this.#waiting.length >= this.#limits.queue) return 'queue-full';
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        resolve('waited-too-long');
      }, this.#limits.queueMs);
      const admit = (admission: Admission): void => {
        clearTimeout(timer);
        resolve(admission);
      };
      this.#waiting.push(admit);
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next('admitted');
  }
}
