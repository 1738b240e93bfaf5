import { type Delivered, deliverBatch } from '../delivery/machine.ts';
import type { BatchRef } from '../delivery/parts.ts';
import type { Parts } from './parts.ts';
import { refuseOtherKind } from './refuse-other-kind.ts';

/** Sends what the destination does not hold, and withdraws what it must give up. */
export async function deliver(parts: Parts, input: BatchRef): Promise<Delivered> {
  const pipeline = parts.pipeline(input.pipeline);
  await refuseOtherKind(parts, pipeline);
  return deliverBatch(parts, pipeline, input);
}
