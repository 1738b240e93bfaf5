import { CancellationScope, continueAsNew, isCancellation } from '@temporalio/workflow';
import type { Counts } from '../indicators/counts.ts';
import type { Window } from '../indicators/window.ts';
import { BACKFILL_PRIORITY } from './priorities.ts';
import { plan, releaseWindows } from './proxies.ts';
import { type Carried, runWindows } from './window-runs.ts';

export interface BackfillInput extends Window {
  readonly pipeline: string;
  /** Longest window; null for what the pipeline's configuration says. */
  readonly windowMs: number | null;
  readonly carried?: Carried;
}

const WINDOWS_AT_ONCE = 3;
const WINDOWS_A_RUN = 100;

/**
 * Reads the windows of a stretch of history that the ledger does not have, at a lower priority than live runs. A second one
 * over the same stretch does only what is missing. Cancelled, it leaves the windows that it had begun to whoever comes next.
 */
export async function backfill(input: BackfillInput): Promise<Counts> {
  const { pipeline, from, to, windowMs, carried } = input;
  try {
    const end = await runWindows({
      pipeline,
      width: WINDOWS_AT_ONCE,
      priorityKey: BACKFILL_PRIORITY,
      plan: (after) =>
        plan.executeWithOptions({ summary: 'ask coverage what is missing' }, [
          { kind: 'backfill', pipeline, limit: WINDOWS_A_RUN, after, from, to, windowMs },
        ]),
      carried: carried ?? null,
      // So says who starts it.
      shown: 'running',
    });
    if (end.kind === 'finished') return end.counts;
    return await continueAsNew<typeof backfill>({ ...input, carried: end.carried });
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(() =>
        releaseWindows.executeWithOptions({ summary: 'leave unfinished windows to the next' }, [
          { pipeline, from, to },
        ]),
      );
    }
    throw error;
  }
}
