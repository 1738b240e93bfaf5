const LONGEST_MS = 60_000;

/**
 * How long to wait, in milliseconds, after an attempt that found an import unfinished. An import takes seconds or minutes: each wait is
 * half as long again as the one before, up to a minute, or what the first one is if that is longer.
 */
export function confirmWait(firstMs: number, attempt: number): number {
  return Math.max(firstMs, Math.min(LONGEST_MS, Math.round(firstMs * 1.5 ** (attempt - 1))));
}
