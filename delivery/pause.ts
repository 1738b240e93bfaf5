import { setTimeout as realSleep } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { Parts } from './parts.ts';

/** Returns whether the pause was whole: a worker that is told to end does not keep it. Throws when the step is cancelled. */
export async function pause(
  { sleep = real, stopping }: Pick<Parts, 'sleep' | 'stopping'>,
  ms: number,
): Promise<boolean> {
  const cancelled = cancellationSignal();
  try {
    await sleep(ms, stopping === undefined ? cancelled : AbortSignal.any([cancelled, stopping]));
    return true;
  } catch (error) {
    if (stopping?.aborted === true && !cancelled.aborted) return false;
    throw error;
  }
}

function real(ms: number, signal: AbortSignal): Promise<unknown> {
  return realSleep(ms, undefined, { signal });
}
