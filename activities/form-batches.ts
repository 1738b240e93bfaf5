import { formBatches as form, openBatches } from '../ledger/batches.ts';
import { takeUpSetAside } from '../ledger/set-aside.ts';
import type { Parts } from './parts.ts';
import type { WindowRef } from './window-ref.ts';

export interface FormInput extends WindowRef {
  /** Batches up to this number were handled by this run. */
  readonly after: number;
  readonly limit: number;
}

export interface FormedBatches {
  /** All of the window. */
  readonly batches: number;
  /** Those after `after` that have work left, `limit` at most. */
  readonly open: readonly { readonly batch: number; readonly items: number }[];
  readonly lanes: number;
}

/** Puts what the window found new or changed into batches, and says which of them need work. */
export async function formBatches(parts: Parts, input: FormInput): Promise<FormedBatches> {
  const { batchSize, lanes } = parts.pipeline(input.pipeline);
  await takeUpSetAside(parts.ledger, input.windowId, parts.now());
  const batches = await form(parts.ledger, input.windowId, batchSize);
  const open = await openBatches(parts.ledger, input.windowId, input.after, input.limit);
  return { batches, open, lanes };
}
