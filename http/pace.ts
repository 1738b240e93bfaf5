/** The shared rate budget of one API, as an adapter sees it. */
export interface Pace {
  /** Waits until one more request may be sent. */
  before(signal: AbortSignal): Promise<void>;
  /** The API answered that it was too much; wait this long if it said so. */
  throttled(retryAfterMs: number | undefined): Promise<void>;
}
