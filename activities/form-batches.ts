import { formBatches as form, hasUnnumbered, openBatches } from '../ledger/batches.ts';
import { formScoring, openScoring } from '../ledger/scoring.ts';
import { refreshStatistics } from '../ledger/statistics.ts';
import { keepHouse } from './keep-house.ts';
import type { Parts } from './parts.ts';
import { takeUp } from './take-up.ts';
import type { WindowRef } from './window-ref.ts';

export interface FormInput extends WindowRef {
  /** Batches up to this number were handled by this run. */
  readonly after: number;
  readonly limit: number;
  /** All of the window is scored before batches are delivered; a run of an earlier release does each batch by itself. */
  readonly scoresFirst?: true;
}

export interface FormedBatches {
  /** All of the window. */
  readonly batches: number;
  /** Those after `after` that have work left, `limit` at most. */
  readonly open: readonly { readonly batch: number; readonly items: number }[];
  readonly lanes: number;
  /** The same of what is scored together, where that was asked for; a worker of an earlier release says `open` all the same. */
  readonly toScore?: readonly { readonly scoring: number; readonly items: number }[];
}

/** Puts what the window found new or changed into batches, and says which of them need work. */
export async function formBatches(parts: Parts, input: FormInput): Promise<FormedBatches> {
  const { batchSize, lanes } = parts.pipeline(input.pipeline);
  await takeUp(parts, input);
  // The planner takes a window that it has never heard of for a few rows, and joins thousands of them one by one.
  if (await hasUnnumbered(parts.ledger, input.windowId)) {
    await keepHouse('new statistics of the tables', () => refreshStatistics(parts.ledger));
  }
  if (input.scoresFirst === true) {
    const scoring = await formScoring(parts.ledger, input.windowId, batchSize);
    const toScore = await openScoring(parts.ledger, input.windowId, input.after, input.limit);
    return { batches: scoring, open: [], lanes, toScore };
  }
  const batches = await form(parts.ledger, input.windowId, batchSize);
  const open = await openBatches(parts.ledger, input.windowId, input.after, input.limit);
  return { batches, open, lanes };
}
