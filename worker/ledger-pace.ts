import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../http/pace.ts';
import { Fault } from '../indicators/fault.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { type BudgetLimits, blockBudget, reserveSlots, takeFreeSlots } from '../ledger/rate-budget.ts';

/** A longer wait than this is left to the engine: the slot is freed, and the wait shows in the UI. */
const LONGEST_WAIT_MS = 20_000;
/** How long to hold back when an API says "too much" but not for how long. */
const WITHOUT_RETRY_AFTER_MS = 5_000;

/**
 * One API's pace, shared by all workers through the ledger. Urgent requests reserve the next slot, even one to come; the others
 * take a slot only when it is free now, so that they never stand in line before an urgent one.
 */
export function ledgerPace(
  ledger: LedgerDb,
  api: string,
  limits: BudgetLimits,
  { now, isUrgent }: { readonly now: () => Date; readonly isUrgent: () => boolean },
): Pace {
  const tooLong = (waitMs: number): Fault =>
    new Fault('Throttled', `The request budget of ${api} is spent for now.`, { retryAfterMs: Math.ceil(waitMs) });

  return {
    async before(signal, requests = 1) {
      if (isUrgent()) {
        const waitMs = await reserveSlots(ledger, api, limits, requests, now());
        if (waitMs > LONGEST_WAIT_MS) throw tooLong(waitMs);
        if (waitMs > 0) await sleep(waitMs, undefined, { signal });
        return;
      }
      const begun = now().getTime();
      for (;;) {
        const waitMs = await takeFreeSlots(ledger, api, limits, requests, now());
        if (waitMs === 0) return;
        if (now().getTime() + waitMs - begun > LONGEST_WAIT_MS) throw tooLong(waitMs);
        // Some jitter, so that those who wait do not all come back together.
        await sleep(waitMs * (1 + Math.random()), undefined, { signal });
      }
    },
    async throttled(retryAfterMs) {
      await blockBudget(ledger, api, new Date(now().getTime() + (retryAfterMs ?? WITHOUT_RETRY_AFTER_MS)));
    },
  };
}
