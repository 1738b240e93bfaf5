import { ApplicationFailure } from '@temporalio/common';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { claimWindow, type Owner, renewLeases } from '../ledger/window-owners.ts';
import { mustBeKnown } from './restored-ledger.ts';
import type { Owned } from './window-ref.ts';

/** Far below the length of a lease, and rarely enough to cost nothing. */
const RENEW_EVERY_MS = 30_000;
/** Whoever is told to wait for longer than this may lose its windows to a run that need not. */
const LONGEST_WAIT_MS = 5 * 60_000;

export type Step = Owned<{
  readonly pipeline: string;
  /** Without: a step that is about no window in particular. */
  readonly windowId?: number;
  readonly from?: string;
  readonly batch?: number;
  readonly scoring?: number;
}>;

/** Keeps the windows of the runs that this process works for theirs. */
export interface WindowKeeper {
  /**
   * Runs a step that is its owner's to run, and says meanwhile that all windows of the owner are at work; else fails as `Taken`. Where
   * the ledger has never heard of the step's window or batch, it is `Refused`.
   */
  readonly during: <T>(step: Step, work: () => Promise<T>) => Promise<T>;
  /** Says that nothing will be heard of the owner for so long, and that it will be back then. */
  readonly until: (step: Step, delayMs: number) => Promise<void>;
}

/** One for each process: the windows of a run are renewed together, however many of its steps are at work. */
export function windowKeeper(ledger: LedgerDb): WindowKeeper {
  const renewedAt = new Map<string, number>();

  const renew = async (pipeline: string, owner: Owner): Promise<void> => {
    const now = performance.now();
    for (const [key, at] of renewedAt) if (at <= now - RENEW_EVERY_MS) renewedAt.delete(key);
    const key = JSON.stringify([pipeline, owner]);
    if (renewedAt.has(key)) return;
    renewedAt.set(key, now);
    await renewLeases(ledger, pipeline, owner);
  };

  return {
    async during({ owner, windowId, ...given }, work) {
      const { pipeline } = given;
      if (windowId !== undefined) {
        await mustBeKnown(ledger, { ...given, windowId }, owner);
        if (!(await claimWindow(ledger, windowId, owner))) {
          throw ApplicationFailure.create({
            type: 'Taken',
            message: 'Another run has taken the window up: it is left to that one.',
            nonRetryable: true,
          });
        }
      }
      await renew(pipeline, owner);
      // When the ledger cannot be reached, the step meets that itself.
      const renewing = setInterval(() => void renew(pipeline, owner).catch(() => undefined), RENEW_EVERY_MS);
      try {
        return await work();
      } finally {
        clearInterval(renewing);
      }
    },
    until: ({ pipeline, owner }, delayMs) =>
      renewLeases(ledger, pipeline, owner, Math.min(delayMs, LONGEST_WAIT_MS)).catch(() => undefined),
  };
}
