import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { openShipments } from '../ledger/shipments.ts';
import { askSent } from './ask-sent.ts';
import { growingWait } from './growing-wait.ts';
import type { Parts } from './parts.ts';
import { fruitlessAttempts } from './progress.ts';
import type { BatchRef } from './score.ts';

export type { BatchTally };

/** Asks the destination what became of each request; until it knows, the engine asks again later. */
export async function confirm(parts: Parts, input: BatchRef): Promise<BatchTally> {
  const sent = await openShipments(parts.ledger, input.windowId, input.batch, 'sent');
  const { waiting, waitMs } = await askSent(parts, parts.pipeline(input.pipeline), sent);
  if (waiting > 0) {
    throw new Fault('Throttled', `The destination has not finished with ${waiting} requests yet.`, {
      retryAfterMs: growingWait(waitMs, fruitlessAttempts()),
      isOurs: true,
    });
  }
  return batchTally(parts.ledger, input.windowId, input.batch);
}
