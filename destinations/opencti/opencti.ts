import type { StixDialect } from '../../indicators/stix.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import type { Destination } from '../destination.ts';
import type { DestinationDeps } from '../destination-deps.ts';
import { withGrace } from '../lost-acknowledgement.ts';
import { confirmer } from './confirm.ts';
import { looker } from './look.ts';
import { createOpenCtiClient, type OpenCtiDeps } from './opencti-client.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { ownItems } from './own-items.ts';
import { plan } from './plan.ts';
import { pusher } from './push-shipment.ts';
import { render } from './render.ts';
import { withdrawer } from './withdraw.ts';

/** Withdrawn, and read back, in one query of GraphQL. */
const WITHDRAWN_AT_ONCE = 100;

/** OpenCTI as a destination: its TAXII push ingester takes indicators in, and its GraphQL shows what has come of that. */
export function createOpenCti(
  settings: OpenCtiSettings,
  { deployment, tlpDefault, ...deps }: OpenCtiDeps & Pick<DestinationDeps, 'deployment' | 'tlpDefault'>,
): Destination {
  const { now } = deps;
  const client = createOpenCtiClient(settings, deps);
  const producer = {
    namespace: stixNamespace(deployment),
    name: settings.author,
    identityClass: 'organization',
  } as const;
  const dialect: StixDialect = { producer, isForOpenCti: true, markings: 'opencti', tlpDefault };
  const push = pusher(client, producer, settings, now);
  return {
    describe: `OpenCTI at ${new URL(settings.baseUrl).host}`,
    fullLoad: settings.maxObjects,
    withdrawLoad: Math.min(WITHDRAWN_AT_ONCE, settings.maxObjects),
    // A decay rule has put its own end in the place of the one that was sent.
    exactEnd: settings.decayRules,
    render: (item) => render(item, settings, dialect),
    plan: (items) => plan(items, settings),
    // Pushed, and read twice as a rule.
    requestsFor: ({ length }) => 1 + 2 * Math.ceil(length / 100),
    bring: push,
    change: push,
    find: withGrace(looker(client, now), settings, now),
    confirm: confirmer(client, settings, now),
    withdraw: withdrawer(client, producer, settings, now),
    own: (signal) => ownItems(client, producer, signal),
  };
}
