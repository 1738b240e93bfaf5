import { setTimeout as sleep } from 'node:timers/promises';
import type { BudgetLimits } from '../ledger/budget-law.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { slowBudget, takeSlots } from '../ledger/rate-budget.ts';
import { type Budget, budgetPace } from './budget-pace.ts';
import type { Pace } from './pace.ts';

/** One API's pace, shared through the ledger by all who name the same budget, in whichever worker. */
export function ledgerPace(
  ledger: LedgerDb,
  /** Its name in the ledger, and as operators see it. Default: the same */
  { budget, api = budget }: { readonly budget: string; readonly api?: string },
  limits: BudgetLimits,
  { now, isUrgent }: { readonly now: () => Date; readonly isUrgent: () => boolean },
): Pace {
  const kept: Budget = {
    api,
    take: (request) => takeSlots(ledger, budget, limits, request),
    slow: (said) => slowBudget(ledger, budget, limits, said),
  };
  return budgetPace(kept, { now, isUrgent, sleep: (ms) => sleep(ms), random: Math.random });
}
