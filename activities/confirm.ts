import { confirmBatch } from '../delivery/confirm.ts';
import type { BatchRef } from '../delivery/parts.ts';
import type { BatchTally } from '../ledger/batches.ts';
import type { Parts } from './parts.ts';
import { refuseOtherKind } from './refuse-other-kind.ts';

export type { BatchTally };

/** Waits until the destination has said what became of all that was sent. */
export async function confirm(parts: Parts, input: BatchRef): Promise<BatchTally> {
  const pipeline = parts.pipeline(input.pipeline);
  await refuseOtherKind(parts, pipeline);
  return confirmBatch(parts, pipeline, input);
}
