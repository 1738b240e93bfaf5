import { cancellationSignal } from '@temporalio/activity';
import { type Settlement, settleShipments } from '../ledger/shipment-steps.ts';
import type { StoredReceipt, StoredShipment } from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';
import { progressed } from './progress.ts';
import { renderShipments } from './render-shipments.ts';

/** Requests of one batch under way at once; the pace of the API is kept elsewhere. */
export const SIDE_BY_SIDE = 8;

/**
 * Asks the destination once what became of each request, and writes down what it knows. Returns how many requests it has not finished
 * with, and in how many milliseconds to ask again.
 */
export async function askSent(
  parts: Parts,
  pipeline: Pipeline,
  sent: readonly StoredShipment[],
): Promise<{ readonly waiting: number; readonly waitMs: number }> {
  let waitMs = 0;
  let waiting = 0;
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
  return { waiting, waitMs };
}

function receiptOf({ receipt }: StoredShipment): StoredReceipt {
  if (receipt === null) throw new Error('A shipment that was sent has a receipt.');
  return receipt;
}
