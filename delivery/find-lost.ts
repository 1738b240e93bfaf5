import { cancellationSignal } from '@temporalio/activity';
import type { Found } from '../destinations/destination.ts';
import { forgetFailures } from '../ledger/failing.ts';
import type { Parts, Pipeline } from './parts.ts';
import { hopelessAmong, isUnavailable } from './patience.ts';
import type { RenderedShipment } from './render-shipments.ts';

/** Whether the destination has a shipment that was written down: one that has never left, it has not. */
export async function lookForLost({ destination }: Pipeline, { stored, shipment }: RenderedShipment): Promise<Found> {
  const { sentAfter, endedAt } = stored;
  if (sentAfter === null) return { kind: 'absent' };
  return destination.find(shipment, { sentAfter, endedAt }, cancellationSignal());
}

/** The same, for as long as it is of use: `unanswered` when it has failed for this one again and again, while others were answered. */
export async function findLost(
  parts: Parts,
  pipeline: Pipeline,
  one: RenderedShipment,
): Promise<Found | { readonly kind: 'unanswered' }> {
  const { id, sentAfter } = one.stored;
  try {
    const found = await lookForLost(pipeline, one);
    if (sentAfter !== null) await forgetFailures(parts.ledger, 'ask', [id]);
    return found;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if ((await hopelessAmong(parts, pipeline, 'ask', [id])).length > 0) return { kind: 'unanswered' };
    throw error;
  }
}
