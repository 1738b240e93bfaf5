import type { CompiledQuery } from './kql/compile-query.ts';
import type { LogsFaults } from './logs-faults.ts';

/** Which queries end as HTTP 504 whatever they would answer. */
export class Timeouts {
  #asked = 0;
  /** What was set when the first ones were counted last, and how many have met it since. */
  #first = 0;
  #met = 0;

  meets({ columns }: CompiledQuery, { everyNth504, first504, timeoutsOf }: LogsFaults): boolean {
    const kind = columns.some(({ name }) => name === 'Id') ? 'rows' : 'counts';
    if (timeoutsOf !== 'all' && timeoutsOf !== kind) return false;
    if (first504 !== this.#first) {
      this.#first = first504;
      this.#met = 0;
    }
    this.#asked += 1;
    if (this.#met < first504) {
      this.#met += 1;
      return true;
    }
    return everyNth504 > 0 && this.#asked % everyNth504 === 0;
  }
}
