import { isDropped, refusalOf } from './arrivals.ts';
import type { BulkItem } from './bulk-write.ts';
import type { Entry } from './entry.ts';
import type { Holdings } from './holdings.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

interface Arrival {
  readonly entry: Entry;
  readonly state: 'active' | 'falsepos';
}

/** Bulk writes that were accepted and not worked off: it takes "an indefinite interval", here a number of requests. */
export class BulkQueue {
  readonly #holdings: Holdings;
  #waiting: { requestsLeft: number; readonly arrivals: readonly Arrival[] }[] = [];

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** Rejected values and duplicates vanish as dropped ones do: a bulk write has no session that could say so. */
  accept(items: readonly BulkItem[], faults: ThreatStreamFaults): void {
    const arrivals: Arrival[] = [];
    for (const { value, kind, profile, state } of items) {
      if (refusalOf(value, true, faults) !== null || isDropped(value, faults)) continue;
      const entry = this.#holdings.arrive(value, kind, profile, faults.inactiveAreDuplicates);
      if (entry !== null) arrivals.push({ entry, state });
    }
    this.#waiting.push({ requestsLeft: faults.polls, arrivals });
  }

  /** One more request has come. */
  tick(): void {
    for (const write of this.#waiting) write.requestsLeft -= 1;
    this.#takeIn((write) => write.requestsLeft < 0);
  }

  settleAll(): void {
    this.#takeIn(() => true);
  }

  #takeIn(isReady: (write: { readonly requestsLeft: number }) => boolean): void {
    for (const { arrivals } of this.#waiting.filter(isReady)) {
      for (const { entry, state } of arrivals) this.#holdings.takeIn(entry, state);
    }
    this.#waiting = this.#waiting.filter((write) => !isReady(write));
  }
}
