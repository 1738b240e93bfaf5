import { releaseWindows as release } from '../ledger/window-owners.ts';
import type { Parts } from './parts.ts';
import type { Owned } from './window-ref.ts';

export interface ReleaseInput {
  readonly pipeline: string;
  /** Why they are not finished, as a sentence. */
  readonly reason: string;
}

/** A run that ends early hands what it has not finished, and nothing of others, to the next run that covers it. */
export async function releaseWindows(parts: Parts, { pipeline, owner, reason }: Owned<ReleaseInput>): Promise<number> {
  return release(parts.ledger, pipeline, owner, reason);
}
