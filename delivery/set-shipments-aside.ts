import { settleShipments } from '../ledger/shipment-steps.ts';
import type { StoredShipment } from '../ledger/shipments.ts';
import type { Parts } from './parts.ts';

/** Nobody will say what became of these requests: the destination may have their items, which are put on the list. */
export async function setShipmentsAside(
  parts: Parts,
  shipments: readonly StoredShipment[],
  reason: string,
): Promise<void> {
  const settlements = shipments.map(({ id, items }) => ({
    shipmentId: id,
    accepted: [],
    rejected: [],
    unknown: items.map((item) => ({ id: item.id, reason })),
    note: 'set aside',
  }));
  await settleShipments(parts.ledger, settlements, parts.now());
}
