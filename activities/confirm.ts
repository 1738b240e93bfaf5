import { confirmBatch } from '../delivery/confirm.ts';
import type { BatchRef } from '../delivery/parts.ts';
import type { BatchTally } from '../ledger/batches.ts';
import type { Parts } from './parts.ts';

export type { BatchTally };

/** Waits until the destination has said what became of all that was sent. */
export function confirm(parts: Parts, input: BatchRef): Promise<BatchTally> {
  return confirmBatch(parts, parts.pipeline(input.pipeline), input);
}
