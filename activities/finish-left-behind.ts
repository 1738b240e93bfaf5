import { cancellationSignal } from '@temporalio/activity';
import { leftBehind, markMayBeHeld, markWithdrawn } from '../ledger/left-behind.ts';
import { markSent, takeApart } from '../ledger/shipment-steps.ts';
import { askSent } from './ask-sent.ts';
import { findLost } from './find-lost.ts';
import type { Parts, Pipeline } from './parts.ts';
import { renderShipments } from './render-shipments.ts';
import type { BatchRef } from './score.ts';

/**
 * A run that was cancelled or terminated may have left indicators on their way, and nobody comes back for them. A batch that waits for
 * one of those finds out what became of it, as the other one would have.
 */
export async function finishLeftBehind(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<void> {
  const { planned, sent, withdrawing } = await leftBehind(parts.ledger, input.windowId, input.batch);
  for (const { stored, shipment } of await renderShipments(parts, pipeline, planned)) {
    const found = await findLost(pipeline, { stored, shipment });
    if (found.kind === 'absent') await takeApart(parts.ledger, stored, parts.now());
    if (found.kind === 'found') await markSent(parts.ledger, [{ id: stored.id, receipt: found.receipt }]);
  }
  await askSent(parts, pipeline, sent);
  for (const item of withdrawing) {
    const { retracted, missing, unknown } = await pipeline.destination.retract([item], cancellationSignal());
    await markWithdrawn(parts.ledger, [...retracted, ...missing], parts.now());
    await markMayBeHeld(
      parts.ledger,
      unknown.map(({ id }) => id),
      parts.now(),
    );
  }
}
