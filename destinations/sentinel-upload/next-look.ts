const LONGEST_MS = 5 * 60_000;

/** When to look again for what was uploaded so long ago: rows take seconds or many minutes to show. In milliseconds. */
export function nextLook(agoMs: number, confirmPoll: number): number {
  return Math.max(confirmPoll, Math.min(LONGEST_MS, Math.round(agoMs / 2)));
}
