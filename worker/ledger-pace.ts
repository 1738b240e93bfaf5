import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../http/pace.ts';
import { Fault } from '../indicators/fault.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { type BudgetLimits, blockBudget, reserveSlots } from '../ledger/rate-budget.ts';

/** A longer wait than this is left to the engine: the slot is freed, and the wait shows in the UI. */
const LONGEST_WAIT_MS = 20_000;
/** How long to hold back when an API says "too much" but not for how long. */
const WITHOUT_RETRY_AFTER_MS = 5_000;

/** One API's pace, shared by all workers through the ledger. */
export function ledgerPace(ledger: LedgerDb, api: string, limits: BudgetLimits, now: () => Date): Pace {
  return {
    async before(signal, requests = 1) {
      const waitMs = await reserveSlots(ledger, api, limits, requests, now());
      if (waitMs > LONGEST_WAIT_MS) {
        throw new Fault('Throttled', `The request budget of ${api} is spent for now.`, {
          retryAfterMs: Math.ceil(waitMs),
        });
      }
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    },
    async throttled(retryAfterMs) {
      await blockBudget(ledger, api, new Date(now().getTime() + (retryAfterMs ?? WITHOUT_RETRY_AFTER_MS)));
    },
  };
}
