import { continueAsNew } from '@temporalio/workflow';
import type { Counts } from '../indicators/counts.ts';
import type { Window } from '../indicators/window.ts';
import { BACKFILL_PRIORITY } from './priorities.ts';
import { plan } from './proxies.ts';
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
 * Reads the windows of a stretch of history that the ledger does not have, at a lower priority than live runs, and ends when all of
 * the stretch is covered, by itself or by others. A second one over the same stretch does only what is missing.
 */
export async function backfill(input: BackfillInput): Promise<Counts> {
  const { pipeline, from, to, windowMs, carried } = input;
  const end = await runWindows({
    pipeline,
    called: 'backfill',
    width: WINDOWS_AT_ONCE,
    priorityKey: BACKFILL_PRIORITY,
    plan: (owner) =>
      plan.executeWithOptions({ summary: 'ask coverage what is missing' }, [
        { kind: 'backfill', pipeline, owner, limit: WINDOWS_A_RUN, from, to, windowMs },
      ]),
    waitsForOthers: true,
    carried: carried ?? null,
    // So says who starts it.
    shown: 'running',
  });
  if (end.kind === 'finished') return end.counts;
  return continueAsNew<typeof backfill>({ ...input, carried: end.carried });
}
