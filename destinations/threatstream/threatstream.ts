import type { Destination } from '../destination.ts';
import { directDelivery } from './direct-delivery.ts';
import { withLostAcknowledgements } from './lost-acknowledgement.ts';
import { plan } from './plan.ts';
import { render } from './render.ts';
import { retractor } from './retract.ts';
import { sessionDelivery } from './session-delivery.ts';
import { createThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import { resolveSettings, type ThreatStreamSettings } from './threatstream-settings.ts';

/** Anomali ThreatStream as a destination. */
export function createThreatStream(settings: ThreatStreamSettings, deps: ThreatStreamDeps): Destination {
  const resolved = resolveSettings(settings);
  const client = createThreatStreamClient(resolved, deps);
  const way = resolved.approval === 'bypass' ? directDelivery : sessionDelivery;
  const delivery = withLostAcknowledgements(way(resolved, deps, client), resolved.lostAckGraceMs, deps.now);
  return {
    describe: `ThreatStream at ${new URL(resolved.baseUrl).host}`,
    render: (item) => render(item, resolved),
    plan: (items) => plan(items, resolved),
    ...delivery,
    retract: retractor(resolved, client),
  };
}
