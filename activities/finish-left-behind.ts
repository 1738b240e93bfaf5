import { cancellationSignal } from '@temporalio/activity';
import { leftBehind, markMayBeHeld, markWithdrawn } from '../ledger/left-behind.ts';
import { markSent, takeApart } from '../ledger/shipment-steps.ts';
import { askSent } from './ask-sent.ts';
import { findLost } from './find-lost.ts';
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
