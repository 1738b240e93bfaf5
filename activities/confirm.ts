import { cancellationSignal } from '@temporalio/activity';
import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import {
  openShipments,
  type Settlement,
  type StoredReceipt,
  type StoredShipment,
  settleShipments,
} from '../ledger/shipments.ts';
import { confirmWait } from './confirm-wait.ts';
import { renderShipments, SIDE_BY_SIDE } from './deliver.ts';
import type { Parts } from './parts.ts';
import { fruitlessAttempts, progressed } from './progress.ts';
import type { BatchRef } from './score.ts';

export type { BatchTally };

/** Asks the destination what became of each request; until it knows, the engine asks again later. */
export async function confirm(parts: Parts, input: BatchRef): Promise<BatchTally> {
  const pipeline = parts.pipeline(input.pipeline);
  let waitMs = 0;
  let waiting = 0;
  const sent = await openShipments(parts.ledger, input.windowId, input.batch, 'sent');
  const shipments = await renderShipments(parts, pipeline, sent);
  for (let at = 0; at < shipments.length; at += SIDE_BY_SIDE) {
    const asked = await Promise.allSettled(
      shipments.slice(at, at + SIDE_BY_SIDE).map(async ({ stored, shipment }) => ({
        shipmentId: stored.id,
        answer: await pipeline.destination.confirm(shipment, receiptOf(stored), cancellationSignal()),
      })),
    );
    const settled: Settlement[] = [];
    for (const one of asked) {
      if (one.status === 'rejected') continue;
      const { shipmentId, answer } = one.value;
      if (answer.kind === 'settled') settled.push({ shipmentId, ...answer });
      else {
        waiting += 1;
        waitMs = Math.max(waitMs, answer.retryAfterMs);
      }
    }
    await settleShipments(parts.ledger, settled, parts.now());
    parts.telemetry.settled(pipeline.name, {
      confirmed: settled.reduce((sum, { accepted }) => sum + accepted.length, 0),
      rejected: settled.reduce((sum, { rejected }) => sum + rejected.length, 0),
    });
    if (settled.length > 0) progressed({ settled: settled.length });
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  if (waiting > 0) {
    throw new Fault('Throttled', `The destination has not finished with ${waiting} requests yet.`, {
      retryAfterMs: confirmWait(waitMs, fruitlessAttempts()),
    });
  }
  return batchTally(parts.ledger, input.windowId, input.batch);
}

function receiptOf({ receipt }: StoredShipment): StoredReceipt {
  if (receipt === null) throw new Error('A shipment that was sent has a receipt.');
  return receipt;
}
