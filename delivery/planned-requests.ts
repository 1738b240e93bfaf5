import type { Rendered } from '../destinations/destination.ts';
import { batchPlaces } from '../ledger/batch-places.ts';
import type { Pipeline } from './parts.ts';
import { planItems } from './render-shipments.ts';

/** What a delivery comes to. */
export interface PlannedRequests {
  /** Requests that bring what the destination does not hold by an id of its own: see `Destination.shipmentName`. */
  readonly shipments: number;
  /** All requests to it, with changes, and with asking what became of them. */
  readonly requests: number;
}

/** Plans the requests for items as a window that has them does. */
export function plannedRequests(
  { destination, batchSize }: Pick<Pipeline, 'destination' | 'batchSize'>,
  items: readonly Rendered[],
): PlannedRequests {
  const planned = inBatches(items, batchSize).flatMap((batch) => planItems(destination, batch).requests);
  return {
    shipments: planned.filter(([first]) => (first?.held?.remoteId ?? null) === null).length,
    requests: Math.ceil(planned.reduce((sum, shipment) => sum + destination.requestsFor(shipment), 0)),
  };
}

/** As a window's items are ordered. */
function inBatches(items: readonly Rendered[], size: number): readonly (readonly Rendered[])[] {
  const counts = new Map<string, number>();
  for (const { batchKey } of items) counts.set(batchKey, (counts.get(batchKey) ?? 0) + 1);
  const next = new Map(batchPlaces(counts, size).begins);
  const batches: Rendered[][] = [];
  for (const item of items) {
    const at = next.get(item.batchKey) ?? 0;
    next.set(item.batchKey, at + 1);
    (batches[Math.floor(at / size)] ??= []).push(item);
  }
  return batches;
}
