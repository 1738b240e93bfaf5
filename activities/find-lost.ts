import { cancellationSignal } from '@temporalio/activity';
import type { Found } from '../destinations/destination.ts';
import type { Pipeline } from './parts.ts';
import type { RenderedShipment } from './render-shipments.ts';

/** Whether the destination has a shipment that was written down: one that has never left, it has not. */
export async function findLost({ destination }: Pipeline, { stored, shipment }: RenderedShipment): Promise<Found> {
  const { sentAfter, endedAt } = stored;
  if (sentAfter === null) return { kind: 'absent' };
  return destination.find(shipment, { sentAfter, endedAt }, cancellationSignal());
}
