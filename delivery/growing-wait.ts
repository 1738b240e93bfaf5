const LONGEST_MS = 60_000;

/**
 * How long to wait, in milliseconds, after an attempt that found others unfinished: an import takes seconds or minutes, and so does
 * another batch. Each wait is half as long again as the one before, up to a minute, or what the first one is if that is longer.
 */
export function growingWait(firstMs: number, attempt: number): number {
  return Math.max(firstMs, Math.min(LONGEST_MS, Math.round(firstMs * 1.5 ** (attempt - 1))));
}
