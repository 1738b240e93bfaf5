/** The shared rate budget of one API, as an adapter sees it. */
export interface Pace {
  /** Waits until this many more requests may be sent: an API may count each item of a batch. Default: 1 */
  before(signal: AbortSignal, requests?: number): Promise<void>;
  /** The API answered so many requests, with whatever but that it was too much. Default: 1 */
  answered(requests?: number): void;
  /** The API answered that it was too much; wait this long if it said so. */
  throttled(retryAfterMs: number | undefined): Promise<void>;
}
