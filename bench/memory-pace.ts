import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../rates/pace.ts';

/** An API's pace as a lone process keeps it: evenly spaced slots, and `burst` of them at once after a pause. */
export function memoryPace(perSecond: number, burst: number): Pace {
  const intervalMs = 1_000 / perSecond;
  let nextAt = 0;
  return {
    async before(signal, requests = 1) {
      const now = performance.now();
      const at = Math.max(nextAt, now - (burst - 1) * intervalMs);
      nextAt = at + requests * intervalMs;
      if (at > now) await sleep(at - now, undefined, { signal });
    },
    answered() {},
    async throttled(retryAfterMs = 1_000) {
      nextAt = Math.max(nextAt, performance.now() + retryAfterMs);
    },
  };
}
