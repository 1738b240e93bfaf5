import { type Answer, answer, Declined } from './answer.ts';

const WINDOW_SECONDS = 900;

/**
 * The limit of a role: so many searches in 15 minutes, counted from the first of them. Its 429 has no `Retry-After`, only headers of its own.
 * (Source: MISP 2.5.1, RateLimitComponent, AppController::__rateLimitCheck.)
 */
export class SearchLimit {
  #count = 0;
  #until = 0;

  /** Counts one search. The answer of one that is refused, or what goes into the headers of one that is not. */
  take(limit: number, now: number, path: string): Answer | Readonly<Record<string, string>> {
    if (limit === 0) throw new Declined(405, 'API searches are not allowed for this user role.');
    if (now >= this.#until) {
      this.#count = 0;
      this.#until = now + WINDOW_SECONDS;
    }
    const isOver = this.#count >= limit;
    if (!isOver) this.#count += 1;
    const headers = {
      'x-rate-limit-limit': String(limit),
      'x-rate-limit-remaining': String(limit - this.#count),
      'x-rate-limit-reset': String(this.#until - now),
    };
    if (!isOver) return headers;
    return answer(429, { name: 'Rate limit exceeded.', message: 'Rate limit exceeded.', url: path }, headers);
  }
}
