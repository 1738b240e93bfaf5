import type { Tlp } from '../../indicators/indicator.ts';
import type { Destination } from '../destination.ts';
import { attributeReader } from './attribute-reader.ts';
import { confirmer } from './confirm.ts';
import { deliverer } from './deliver.ts';
import { finder } from './find.ts';
import { createMispClient, type MispDeps } from './misp-client.ts';
import { mispIds } from './misp-ids.ts';
import type { MispSettings } from './misp-settings.ts';
import { ownItems } from './own-items.ts';
import { plan } from './plan.ts';
import { publisher } from './publish.ts';
import { render } from './render.ts';
import { rightsCheck } from './rights.ts';
import { withdrawer } from './withdraw.ts';

/** Written, and looked for before and after together with others. */
const OF_A_SHIPMENT = 1.3;

/** MISP as a destination: attributes in events of ours. Nobody reviews them there, and nothing arrives twice. */
export function createMisp(
  settings: MispSettings,
  { deployment, tlpDefault, ...deps }: MispDeps & { readonly deployment: string; readonly tlpDefault: Tlp },
): Destination {
  const client = createMispClient(settings, deps);
  const ids = mispIds(deployment, settings);
  const parts = {
    client,
    read: attributeReader(client),
    checkRights: rightsCheck(client, settings),
    publishChanged: publisher(client, settings, deps.now),
    ids,
    settings,
    now: deps.now,
  };
  const deliver = deliverer(parts);
  return {
    describe: `MISP at ${new URL(settings.baseUrl).host}`,
    fullLoad: settings.maxObjects,
    withdrawLoad: settings.maxObjects,
    // MISP has no expiry.
    exactEnd: true,
    render: (item) => render(item, { ids, settings, tlpDefault }),
    plan: (items) => plan(items, settings.maxObjects),
    requestsFor: () => OF_A_SHIPMENT,
    bring: deliver,
    change: deliver,
    find: finder(parts),
    confirm: confirmer(parts),
    withdraw: withdrawer(parts),
    own: ownItems(parts),
  };
}
