import type { Destination, Receipt, Rendered } from '../destination.ts';
import { withGrace } from '../lost-acknowledgement.ts';
import { changeDelivery } from './change-delivery.ts';
import { ChangeFeed } from './change-feed.ts';
import type { Delivery } from './delivery.ts';
import { directDelivery } from './direct-delivery.ts';
import { ownItems } from './own-items.ts';
import { ownerOf as createOwnerOf } from './ownership.ts';
import { plan } from './plan.ts';
import { render } from './render.ts';
import { requestsFor } from './requests-for.ts';
import { reviewer } from './review.ts';
import { SessionBoard } from './session-board.ts';
import { sessionDelivery } from './session-delivery.ts';
import { createThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import { resolveSettings, type ThreatStreamSettings } from './threatstream-settings.ts';
import { withdrawer } from './withdraw.ts';

/**
 * Anomali ThreatStream as a destination. New requests leave as `approval` is set; those that left when it was set to something else are
 * found and followed as they left.
 */
export function createThreatStream(settings: ThreatStreamSettings, deps: ThreatStreamDeps): Destination {
  const resolved = resolveSettings(settings);
  const client = createThreatStreamClient(resolved, deps);
  const shared = {
    client,
    board: new SessionBoard(client),
    feed: new ChangeFeed(client, deps.now),
    ownerOf: createOwnerOf(resolved, client),
  };
  const session = sessionDelivery(resolved, deps, shared);
  const direct = directDelivery(resolved, deps, shared);
  const change = changeDelivery(resolved, deps, shared);
  const [own, other] = resolved.approval === 'bypass' ? [direct, session] : [session, direct];
  const look: Delivery['look'] = async (...lost) => (await own.look(...lost)) ?? other.look(...lost);
  const find = withGrace(look, resolved, deps.now);
  return {
    describe: `ThreatStream at ${new URL(resolved.baseUrl).host}`,
    ...(resolved.approval === 'bypass' ? {} : { shipmentName: 'import session' }),
    fullLoad: resolved.maxObjects,
    exactEnd: resolved.exactEnd,
    render: (item) => render(item, resolved),
    plan: (items) => plan(items, resolved),
    requestsFor,
    bring: own.send,
    change: change.send,
    // A change may be asked for again at once.
    find: async (shipment, ...lost) => (isChange(shipment.items) ? { kind: 'absent' } : find(shipment, ...lost)),
    confirm: (shipment, receipt, ...how) => deliveryOf(receipt).confirm(shipment, receipt, ...how),
    reviewed: reviewer(client),
    withdraw: withdrawer(shared),
    own: ownItems(shared),
  };

  function deliveryOf({ kind }: Receipt): Delivery {
    if (kind === 'change') return change;
    return kind === 'direct' ? direct : session;
  }
}

function isChange(items: readonly Rendered[]): boolean {
  return items[0]?.batchKey === 'change';
}
