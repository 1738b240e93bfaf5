import type { Pace } from '../../http/pace.ts';

/** A pace that never waits, and remembers what it was told. */
export function recordedPace(): Pace & { readonly asked: number[]; readonly throttles: (number | undefined)[] } {
  const asked: number[] = [];
  const throttles: (number | undefined)[] = [];
  return {
    asked,
    throttles,
    async before(_, requests = 1) {
      asked.push(requests);
    },
    async throttled(retryAfterMs) {
      throttles.push(retryAfterMs);
    },
  };
}
