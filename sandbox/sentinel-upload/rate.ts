import { createRateLimit } from '../graph/rate-limit.ts';
import { RequestWindow } from '../logs/request-window.ts';
import type { WireAnswer } from '../wire.ts';
import { trouble } from './answer.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';

const MINUTE = 60_000;

/** So many requests in any minute, and in a second. (Source: learn.microsoft.com, "stix-objects-api", "Throttling limits for the API".) */
export class Rate {
  readonly #perSecond: ReturnType<typeof createRateLimit>;
  readonly #now: () => Date;
  #perMinute: number | null = null;
  #minute = new RequestWindow(Number.POSITIVE_INFINITY, MINUTE);

  constructor(perSecond: number | undefined, now: () => Date) {
    this.#perSecond = createRateLimit(perSecond, () => now().getTime());
    this.#now = now;
  }

  /** Counts a request that is within the limits, and returns null; else what to answer. */
  take({
    requestsPerMinute,
    retryAfterHeader,
  }: Pick<SentinelUploadFaults, 'requestsPerMinute' | 'retryAfterHeader'>): WireAnswer | null {
    if (requestsPerMinute !== this.#perMinute) {
      this.#perMinute = requestsPerMinute;
      this.#minute = new RequestWindow(requestsPerMinute ?? Number.POSITIVE_INFINITY, MINUTE);
    }
    const seconds = this.#perSecond.take() || Math.ceil(this.#minute.take(this.#now().getTime()) / 1_000);
    if (seconds === 0) return null;
    const answer = trouble(429, `Rate limit is exceeded. Try again in ${seconds} seconds.`);
    return retryAfterHeader ? { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } } : answer;
  }
}
