export interface RateLimit {
  /** Takes one request: 0 when it is allowed, else the whole seconds after which to ask again, as `Retry-After` has them. */
  take(): number;
}

/** A bucket that holds one second's worth of requests and refills evenly. Without a figure, everything is allowed. */
export function createRateLimit(perSecond: number | undefined, nowMs: () => number): RateLimit {
  if (perSecond === undefined) return { take: () => 0 };
  const size = Math.max(1, perSecond);
  let tokens = size;
  let filledAt = nowMs();
  return {
    take() {
      const now = nowMs();
      tokens = Math.min(size, tokens + ((now - filledAt) / 1_000) * perSecond);
      filledAt = now;
      if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / perSecond));
      tokens -= 1;
      return 0;
    },
  };
}
