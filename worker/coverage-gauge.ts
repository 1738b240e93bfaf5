import { missing } from '../indicators/coverage.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { coverageBegin, touchingWindows } from '../ledger/windows.ts';

export interface CoverageStanding {
  /** Now less the end of gapless coverage, from its beginning on; less `since` before the first run. */
  readonly lagSeconds: number;
  /** Holes before the end of the newest window that is done: failed windows, or those that younger ones have overtaken. */
  readonly gaps: number;
}

/** History is looked through in steps of this, so that years of windows are not in memory at once. */
const STEP_MS = 30 * 24 * 3_600_000;

/**
 * Says how far behind a pipeline's live coverage is. What is done stays done, so it remembers how far coverage was gapless, and
 * looks only at what came after.
 */
export function coverageGauge(ledger: LedgerDb, pipeline: string, since: (now: Date) => Date) {
  let reached: string | null = null;

  return async (now: Date): Promise<CoverageStanding> => {
    reached ??= (await coverageBegin(ledger, pipeline))?.toISOString() ?? null;
    if (reached === null) return { lagSeconds: secondsUntil(now, since(now).toISOString()), gaps: 0 };
    const holes: { from: string; to: string }[] = [];
    for (let at = Date.parse(reached); at < now.getTime(); at += STEP_MS) {
      const step = { from: iso(at), to: iso(Math.min(at + STEP_MS, now.getTime())) };
      const windows = await touchingWindows(ledger, pipeline, step);
      const done = windows.filter(({ state }) => state === 'done');
      for (const hole of missing(done, step.from, step.to)) {
        const last = holes.at(-1);
        if (last?.to === hole.from) last.to = hole.to;
        else holes.push({ ...hole });
      }
    }
    reached = holes[0]?.from ?? now.toISOString();
    // What reaches up to now is not a hole yet: it is the lag.
    const gaps = holes.filter(({ to }) => to !== now.toISOString()).length;
    return { lagSeconds: secondsUntil(now, reached), gaps };
  };
}

function secondsUntil(now: Date, time: string): number {
  return Math.max(0, (now.getTime() - Date.parse(time)) / 1_000);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
