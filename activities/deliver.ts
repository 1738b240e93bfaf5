import { type Delivered, deliverBatch } from '../delivery/machine.ts';
import type { BatchRef } from '../delivery/parts.ts';
import type { Parts } from './parts.ts';

/** Sends what the destination does not hold, and withdraws what it must give up. */
export function deliver(parts: Parts, input: BatchRef): Promise<Delivered> {
  return deliverBatch(parts, parts.pipeline(input.pipeline), input);
}
