import { cancellationSignal } from '@temporalio/activity';
import { leftBehind, markWithdrawn } from '../ledger/left-behind.ts';
import { markSent, takeApart } from '../ledger/shipment-steps.ts';
import { askSent } from './ask-sent.ts';
import type { Parts, Pipeline } from './parts.ts';
import { renderShipments } from './render-shipments.ts';
import type { BatchRef } from './score.ts';

/** A batch whose window is at work has not moved for so long: its run was terminated, or its destination is away for all. */
const LEFT_AFTER_MS = 15 * 60_000;

/**
 * A run that was cancelled or terminated may have left indicators on their way, and nobody comes back for them. A batch that waits for
 * one of those finds out what became of it, as the other one would have.
 */
export async function finishLeftBehind(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<void> {
  const before = new Date(parts.now().getTime() - LEFT_AFTER_MS);
  const { planned, sent, withdrawing } = await leftBehind(parts.ledger, input.windowId, input.batch, before);
  for (const { stored, shipment } of await renderShipments(parts, pipeline, planned)) {
    const { id, sentAfter } = stored;
    const receipt =
      sentAfter === null ? null : await pipeline.destination.find(shipment, sentAfter, cancellationSignal());
    if (receipt === null) await takeApart(parts.ledger, stored, parts.now());
    else await markSent(parts.ledger, [{ id, receipt }]);
  }
  await askSent(parts, pipeline, sent);
  for (const item of withdrawing) {
    const { retracted, missing } = await pipeline.destination.retract([item], cancellationSignal());
    await markWithdrawn(parts.ledger, [...retracted, ...missing], parts.now());
  }
}
