import type { Destination } from '../destination.ts';
import { directDelivery } from './direct-delivery.ts';
import { withGrace } from './lost-acknowledgement.ts';
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
  const { look, ...delivery } = way(resolved, deps, client);
  return {
    describe: `ThreatStream at ${new URL(resolved.baseUrl).host}`,
    render: (item) => render(item, resolved),
    plan: (items) => plan(items, resolved),
    ...delivery,
    find: withGrace(look, resolved, deps.now),
    retract: retractor(resolved, client),
  };
}
