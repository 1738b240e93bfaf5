import { ApplicationFailure } from '@temporalio/common';
import { type Counts, wrongSum } from '../indicators/counts.ts';
import { windowCounts } from '../ledger/window-counts.ts';
import { closeWindow as close, failWindow } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';
import type { WindowRef } from './window-ref.ts';

export interface CloseInput extends WindowRef {
  /** Why the window cannot be closed as done; null when all of it was handled. */
  readonly failure: string | null;
}

/** Closes a window as done when its sums are right and nothing is pending; a failed one is taken up again by the next run. */
export async function closeWindow(parts: Parts, input: CloseInput): Promise<Counts> {
  const counts = await windowCounts(parts.ledger, input.windowId);
  if (input.failure !== null) {
    await failWindow(parts.ledger, input.windowId, input.failure);
    return counts;
  }
  const atWork = counts.pending - counts.setAside;
  const wrong = wrongSum(counts, counts) ?? (atWork > 0 ? `${atWork} indicators are still pending` : null);
  if (wrong !== null) {
    await failWindow(parts.ledger, input.windowId, wrong);
    throw ApplicationFailure.create({
      type: 'WrongSum',
      message: `The window is not closed: ${wrong}.`,
      nonRetryable: true,
    });
  }
  await close(parts.ledger, input.windowId, counts.rows, parts.now());
  return counts;
}
