import { ApplicationFailure } from '@temporalio/common';
import { type Counts, wrongSum } from '../indicators/counts.ts';
import { windowCounts } from '../ledger/window-counts.ts';
import { closeWindow as close, failWindow } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';
import { olderThanRun, windowName } from './restored-ledger.ts';
import type { Owner, WindowRef } from './window-ref.ts';

export interface CloseInput extends WindowRef {
  /** Why the window cannot be closed as done; null when all of it was handled. */
  readonly failure: string | null;
  /** What the run that closes it has read of it. */
  readonly read?: { readonly rows: number; readonly by: Owner };
}

/** Closes a window as done when its sums are right and nothing is pending; a failed one is taken up again by the next run. */
export async function closeWindow(parts: Parts, input: CloseInput): Promise<Counts> {
  const counts = await windowCounts(parts.ledger, input.windowId);
  if (input.failure !== null) {
    await failWindow(parts.ledger, input.windowId, input.failure);
    return counts;
  }
  const { rows, by } = input.read ?? { rows: 0, by: null };
  if (by !== null && counts.rows < rows) {
    const n = (count: number): string => count.toLocaleString('en');
    throw olderThanRun(`has ${n(counts.rows)} of ${n(rows)} rows that the run has read of ${windowName(input)}`, by);
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
