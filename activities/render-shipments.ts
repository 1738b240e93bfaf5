import type { Deliverable, Rendered, Shipment } from '../destinations/destination.ts';
import { hostToLookUp } from '../indicators/decide.ts';
import type { Verdict } from '../indicators/reputation.ts';
import { knownReputations } from '../ledger/reputations.ts';
import type { DeliverItem, StoredShipment } from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';

/** Items in the destination's form, as the ledger has them and their reputations now. */
export async function renderItems(
  parts: Parts,
  pipeline: Pipeline,
  items: readonly DeliverItem[],
): Promise<readonly Rendered[]> {
  const hostOf = new Map(items.map(({ id, indicator }) => [id, hostToLookUp(indicator, pipeline.policy)]));
  const hosts = [...new Set([...hostOf.values()].flatMap((host) => host ?? []))];
  const known = await knownReputations(parts.ledger, hosts, null);
  return items.map(({ id, indicator }) => {
    const host = hostOf.get(id) ?? null;
    const verdict: Verdict = host === null ? { kind: 'not-a-host' } : (known.get(host) ?? { kind: 'none' });
    return pipeline.destination.render({ id, indicator, verdict } satisfies Deliverable);
  });
}

export interface RenderedShipment {
  readonly stored: StoredShipment;
  readonly shipment: Shipment;
}

/** Shipments in the destination's form, as the ledger has their items now. */
export async function renderShipments(
  parts: Parts,
  pipeline: Pipeline,
  shipments: readonly StoredShipment[],
): Promise<readonly RenderedShipment[]> {
  const rendered = await renderItems(
    parts,
    pipeline,
    shipments.flatMap(({ items }) => items),
  );
  const byId = new Map(rendered.map((item) => [item.id, item]));
  return shipments.map((stored) => ({
    stored,
    shipment: { marker: stored.marker, items: stored.items.flatMap(({ id }) => byId.get(id) ?? []) },
  }));
}
