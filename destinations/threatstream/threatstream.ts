import type { Destination } from '../destination.ts';
import type { Delivery } from './delivery.ts';
import { directDelivery } from './direct-delivery.ts';
import { withGrace } from './lost-acknowledgement.ts';
import { plan } from './plan.ts';
import { render } from './render.ts';
import { requestsFor } from './requests-for.ts';
import { retractor } from './retract.ts';
import { sessionDelivery } from './session-delivery.ts';
import { createThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import { resolveSettings, type ThreatStreamSettings } from './threatstream-settings.ts';

/**
 * Anomali ThreatStream as a destination. New requests leave as `approval` is set; those that left when it was set to something else are
 * found and followed as they left.
 */
export function createThreatStream(settings: ThreatStreamSettings, deps: ThreatStreamDeps): Destination {
  const resolved = resolveSettings(settings);
  const client = createThreatStreamClient(resolved, deps);
  const session = sessionDelivery(resolved, deps, client);
  const direct = directDelivery(resolved, deps, client);
  const [own, other] = resolved.approval === 'bypass' ? [direct, session] : [session, direct];
  const look: Delivery['look'] = async (...lost) => (await own.look(...lost)) ?? other.look(...lost);
  return {
    describe: `ThreatStream at ${new URL(resolved.baseUrl).host}`,
    render: (item) => render(item, resolved),
    plan: (items) => plan(items, resolved),
    requestsFor: (items) => requestsFor(items, resolved),
    send: own.send,
    find: withGrace(look, resolved, deps.now),
    confirm: (shipment, receipt, signal) =>
      (receipt['kind'] === 'direct' ? direct : session).confirm(shipment, receipt, signal),
    retract: retractor(resolved, client),
  };
}
