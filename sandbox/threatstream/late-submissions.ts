import type { Submission } from './answer.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** Requests that were answered by a gateway and have not come in yet. */
export class LateSubmissions {
  readonly #now: () => Date;
  #waiting: { requestsLeft: number; readonly notBefore: number; readonly submission: Submission }[] = [];

  constructor(now: () => Date) {
    this.#now = now;
  }

  put(
    submission: Submission,
    { lateByRequests, lateByMs }: Pick<ThreatStreamFaults, 'lateByRequests' | 'lateByMs'>,
  ): void {
    this.#waiting.push({ requestsLeft: lateByRequests, notBefore: this.#now().getTime() + lateByMs, submission });
  }

  /** One more request has come. */
  tick(): void {
    for (const one of this.#waiting) one.requestsLeft -= 1;
    const now = this.#now().getTime();
    this.#takeIn(({ requestsLeft, notBefore }) => requestsLeft < 0 && notBefore <= now);
  }

  settleAll(): void {
    this.#takeIn(() => true);
  }

  #takeIn(isDue: (one: { readonly requestsLeft: number; readonly notBefore: number }) => boolean): void {
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((one) => !isDue(one));
    for (const { submission } of due) submission.take();
  }
}
