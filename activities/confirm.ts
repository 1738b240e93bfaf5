import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { openShipments, settleShipment } from '../ledger/shipments.ts';
import { render } from './deliver.ts';
import type { Parts } from './parts.ts';
import type { BatchRef } from './score.ts';

export type { BatchTally };

/** Asks the destination what became of each request; until it knows, the engine asks again later. */
export async function confirm(parts: Parts, input: BatchRef): Promise<BatchTally> {
  const pipeline = parts.pipeline(input.pipeline);
  let waitMs = 0;
  let waiting = 0;
  for (const stored of await openShipments(parts.ledger, input.windowId, input.batch, 'sent')) {
    if (stored.receipt === null) throw new Error('A shipment that was sent has a receipt.');
    const shipment = { marker: stored.marker, items: await render(parts, pipeline, stored.items) };
    const confirmation = await pipeline.destination.confirm(shipment, stored.receipt, cancellationSignal());
    if (confirmation.kind === 'settled') await settleShipment(parts.ledger, stored.id, confirmation, parts.now());
    else {
      waiting += 1;
      waitMs = Math.max(waitMs, confirmation.retryAfterMs);
    }
    heartbeat({ waiting });
  }
  if (waiting > 0) {
    throw new Fault('Throttled', `The destination has not finished with ${waiting} requests yet.`, {
      retryAfterMs: waitMs,
    });
  }
  return batchTally(parts.ledger, input.windowId, input.batch);
}
