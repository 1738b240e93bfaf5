import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../http/pace.ts';
import type { BudgetLimits } from '../ledger/budget-law.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { slowBudget, takeSlots } from '../ledger/rate-budget.ts';
import { budgetPace } from './budget-pace.ts';

/** One API's pace, shared by all workers through the ledger. */
export function ledgerPace(
  ledger: LedgerDb,
  api: string,
  limits: BudgetLimits,
  { now, isUrgent }: { readonly now: () => Date; readonly isUrgent: () => boolean },
): Pace {
  const budget = {
    api,
    take: (request: Parameters<typeof takeSlots>[3]) => takeSlots(ledger, api, limits, request),
    slow: (said: Parameters<typeof slowBudget>[3]) => slowBudget(ledger, api, limits, said),
  };
  return budgetPace(budget, { now, isUrgent, sleep: (ms) => sleep(ms), random: Math.random });
}
