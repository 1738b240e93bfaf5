import type { Tlp } from '../../indicators/indicator.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import { type Producer, producerId } from '../../indicators/stix-producer.ts';
import type { Destination } from '../destination.ts';
import { bringer } from './bring.ts';
import { openCollection } from './collection.ts';
import { companionsIn } from './companions.ts';
import { confirmer, finder } from './outcome.ts';
import { ownItems } from './own-items.ts';
import type { Parts } from './parts.ts';
import { plan, requestsFor } from './plan.ts';
import { readObjects } from './read-objects.ts';
import { render } from './render.ts';
import { standingsOf } from './standing.ts';
import { createTaxiiClient, type TaxiiDeps } from './taxii-client.ts';
import type { TaxiiSettings } from './taxii-settings.ts';
import { WITHDRAWN_AT_ONCE, withdrawer } from './withdraw.ts';

export interface TaxiiGiven extends TaxiiDeps {
  readonly deployment: string;
  readonly tlpDefault: Tlp;
  readonly requestTimeoutMs: number;
}

/** A collection of a TAXII 2.1 server as a destination: an indicator is an object of STIX 2.1 there, and a change or a withdrawal its next version. */
export function createTaxii(settings: TaxiiSettings, deps: TaxiiGiven): Destination {
  const { deployment, tlpDefault, now } = deps;
  const { idsAtOnce, maxObjects } = settings;
  const client = createTaxiiClient(settings, deps);
  const collection = openCollection(client, settings.collection);
  const producer: Producer = {
    namespace: stixNamespace(deployment),
    name: settings.createdBy,
    identityClass: 'system',
  };
  const read = (ids: readonly string[], version: 'last' | 'all', signal: AbortSignal) =>
    readObjects({ client, objects: collection.objects, idsAtOnce }, ids, version, signal);
  const parts: Parts = {
    ...settings,
    client,
    collection,
    companions: companionsIn({ client, collection, producer, read, now }),
    standings: (ids, signal) => standingsOf(read, ids, producerId(producer), signal),
    producer: producerId(producer),
    now,
    namespace: producer.namespace,
    requestTimeoutMs: deps.requestTimeoutMs,
  };
  const send = bringer(parts);
  return {
    describe: `the TAXII collection at ${new URL(settings.apiRoot).host}`,
    fullLoad: maxObjects,
    withdrawLoad: Math.min(WITHDRAWN_AT_ONCE, maxObjects),
    render: (item) => render(item, { producer, tlpDefault }),
    plan: (items) => plan(items, maxObjects),
    requestsFor: (items) => requestsFor(items, idsAtOnce),
    bring: send,
    change: send,
    find: finder(parts),
    confirm: confirmer(parts),
    withdraw: withdrawer(parts),
    own: ownItems(parts),
  };
}
