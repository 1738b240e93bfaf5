import type { Window } from '../indicators/window.ts';
import { releaseWindows as release } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';

export interface ReleaseInput extends Window {
  readonly pipeline: string;
}

/** A backfill that was cancelled hands its unfinished windows to the next run that covers them. */
export async function releaseWindows(parts: Parts, { pipeline, from, to }: ReleaseInput): Promise<number> {
  return release(parts.ledger, pipeline, { from, to }, 'the backfill was cancelled');
}
