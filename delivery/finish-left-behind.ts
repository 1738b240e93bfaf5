import { leftBehind, markMayBeHeld, markWithdrawn } from '../ledger/left-behind.ts';
import { type ClaimedItem, forgetRemoteIds } from '../ledger/retractions.ts';
import { markSent, takeApart } from '../ledger/shipment-steps.ts';
import type { StoredShipment } from '../ledger/shipments.ts';
import { findLost } from './find-lost.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { hopelessAmong, isUnavailable } from './patience.ts';
import { renderShipments } from './render-shipments.ts';
import { setShipmentsAside } from './set-shipments-aside.ts';
import { settleSent, UNANSWERED } from './settle-sent.ts';
import { withdrawTogether } from './withdraw-together.ts';

/**
 * A run that was cancelled or terminated may have left indicators on their way, and nobody comes back for them. A batch that waits for
 * one of those finds out what became of it, as the other one would have. What cannot be found out of one does not keep the others: it
 * is passed on once all have been asked for, and given up as in a batch of one's own.
 */
export async function finishLeftBehind(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<void> {
  const { planned, sent, withdrawing } = await leftBehind(parts.ledger, input.windowId, input.batch);
  const failures = [
    ...(await withEach(planned, (stored) => finishPlanned(parts, pipeline, stored))),
    ...(await withEach([sent], async (all) => {
      await settleSent(parts, pipeline, all);
    })),
    ...(await withEach(withdrawing, (item) => finishWithdrawal(parts, pipeline, item))),
  ];
  const [first] = failures;
  if (first !== undefined) throw first;
}

/** While nothing is answered it need not be shown of every one. */
const ENOUGH = 8;

/** What could not be done for want of an answer; anything else is thrown at once. */
async function withEach<T>(all: readonly T[], work: (item: T) => Promise<void>): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const item of all) {
    try {
      await work(item);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      failures.push(error);
      if (failures.length === ENOUGH) break;
    }
  }
  return failures;
}

async function finishPlanned(parts: Parts, pipeline: Pipeline, one: StoredShipment): Promise<void> {
  for (const { stored, shipment } of await renderShipments(parts, pipeline, [one])) {
    const found = await findLost(parts, pipeline, { stored, shipment });
    if (found.kind === 'absent') await takeApart(parts.ledger, stored, parts.now());
    if (found.kind === 'found') await markSent(parts.ledger, [{ id: stored.id, receipt: found.receipt }]);
    if (found.kind === 'unanswered') await setShipmentsAside(parts, [stored], UNANSWERED);
  }
}

async function finishWithdrawal(parts: Parts, pipeline: Pipeline, item: ClaimedItem): Promise<void> {
  const { ledger, now } = parts;
  try {
    const { withdrawn, missing, unknown } = await withdrawTogether(pipeline, [item]);
    await markWithdrawn(ledger, [...withdrawn, ...missing], now());
    await forgetRemoteIds(ledger, missing);
    await markMayBeHeld(
      ledger,
      unknown.map(({ id }) => id),
      now(),
    );
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const hopeless = await hopelessAmong(parts, pipeline, 'withdraw', [item.id]);
    await markMayBeHeld(ledger, hopeless, now());
    if (hopeless.length === 0) throw error;
  }
}
