import { type Arrival, arrive, fateOf } from './arrivals.ts';
import type { BulkItem } from './bulk-write.ts';
import type { Holdings } from './holdings.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** Bulk writes that were accepted and not worked off: it takes "an indefinite interval", here a number of requests. */
export class BulkQueue {
  readonly #holdings: Holdings;
  #waiting: { requestsLeft: number; readonly arrivals: readonly Arrival[] }[] = [];

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** Rejected values vanish as dropped ones do: a bulk write has no session that could say so. Returns how many will be held. */
  accept(items: readonly BulkItem[], faults: ThreatStreamFaults): number {
    const arrivals = items
      .filter(({ value }) => fateOf(value, true, faults) === 'held')
      .map(({ value, kind, profile }) => arrive(this.#holdings, value, kind, profile));
    this.#waiting.push({ requestsLeft: faults.polls, arrivals });
    return arrivals.length;
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
      for (const { entry, profile } of arrivals) this.#holdings.takeIn(entry, profile, 'active');
    }
    this.#waiting = this.#waiting.filter((write) => !isReady(write));
  }
}
