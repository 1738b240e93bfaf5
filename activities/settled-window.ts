import { ApplicationFailure } from '@temporalio/common';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { cutWindow } from '../ledger/cut-window.ts';
import { failWindow } from '../ledger/windows.ts';
import type { Parts, Pipeline } from './parts.ts';
import { readableTime } from './readable-time.ts';

/** So long a step waits for a window to begin by the source's clock; a later run is to find it otherwise. */
const WORTH_WAITING_MS = 5 * 60_000;

/**
 * Where a window ends by the source's clock, however wrong the worker's own is that planned it: what is not settled there is cut off,
 * and a gap for a later run. A window of which nothing is settled is left open: in a while it is tried again, or else by a later run.
 *
 * @param clock null when the source said nothing of its clock; the worker's is then believed.
 */
export async function settledEnd(
  parts: Parts,
  { settleMs }: Pipeline,
  window: Window & { readonly id: number },
  clock: string | null,
): Promise<string> {
  if (clock === null) return window.to;
  const settled = settledAt(clock, settleMs);
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  if (to <= settled.getTime()) return window.to;
  if (from < settled.getTime()) {
    await cutWindow(parts.ledger, window.id, settled);
    return settled.toISOString();
  }
  const ahead = Math.round((parts.now().getTime() - Date.parse(clock)) / 1_000);
  const sentence = `The window from ${window.from} has not begun yet by the clock of the source, which shows ${clock}; that of the worker is ahead of it by ${ahead} s. Set the worker's clock right; a later run reads the window.`;
  const wait = from - settled.getTime() + 1_000;
  if (wait <= WORTH_WAITING_MS) throw new Fault('Unavailable', sentence, { retryAfterMs: wait });
  await failWindow(parts.ledger, window.id, sentence);
  throw ApplicationFailure.create({ type: 'NotSettled', message: sentence, nonRetryable: true });
}

/** Up to where all is settled by what the source's clock showed. */
export function settledAt(clock: string, settleMs: number): Date {
  return readableTime(Date.parse(clock) - settleMs, settleMs);
}
