import { onTestFinished } from 'vitest';
import type { Deliverable, Destination, Held, Receipt, Rendered, Shipment } from '../../destinations/destination.ts';
import { createTaxii } from '../../destinations/taxii/taxii.ts';
import type { TaxiiSettings } from '../../destinations/taxii/taxii-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import type { Tip } from '../../sandbox/stand-in.ts';
import { TAXII_CREDENTIALS } from '../../sandbox/taxii/collections.ts';
import type { TaxiiFaults } from '../../sandbox/taxii/taxii-faults.ts';
import { TAXII_STAND_IN } from '../../sandbox/taxii/taxii-stand-in.ts';
import { serveTip } from '../sandbox/tip-server.ts';

const { user, password, collection } = TAXII_CREDENTIALS;
const BASIC = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** The two servers that the stand-in can be like. */
export const SERVERS = ['medallion', 'opentaxii'] as const;

export const SIGNAL = new AbortController().signal;

export const DEPLOYMENT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

export interface TaxiiBench {
  readonly taxii: Destination;
  readonly tip: Tip;
  /** Where the stand-in is, and who vouches for it. */
  readonly url: string;
  readonly ca: string;
  readonly requests: HttpRequest[];
  readonly throttled: (number | undefined)[];
  /** The clock of the adapter and of the stand-in. */
  readonly clock: { at: Date };
  /** What is answered in the stand-in's place, before it is asked or after. */
  readonly answers: {
    before?: (request: HttpRequest) => HttpReply | null;
    after?: (request: HttpRequest, reply: HttpReply) => HttpReply;
  };
  setFaults(faults: Partial<TaxiiFaults>): void;
  /** Another one on the same collection, as after a restart or from another deployment. */
  again(settings?: Partial<TaxiiSettings>, deployment?: string): Destination;
  /** Requests that added objects, and what each of them added. */
  added(): readonly (readonly Record<string, unknown>[])[];
}

function taxiiSettings(apiRoot: string, settings: Partial<TaxiiSettings> = {}): TaxiiSettings {
  return {
    apiRoot,
    collection,
    authorization: BASIC,
    createdBy: 'mdti-sync',
    maxObjects: 500,
    idsAtOnce: 75,
    lostAckGrace: 0,
    confirmPoll: 100,
    confirmFor: 60_000,
    ...settings,
  };
}

/** The adapter at work against the stand-in over HTTPS. */
export async function startTaxii(
  faults: Partial<TaxiiFaults> = {},
  settings: Partial<TaxiiSettings> = {},
  given: { readonly perSecond?: number } = {},
): Promise<TaxiiBench> {
  const clock = { at: new Date() };
  const served = await serveTip(TAXII_STAND_IN, faults, { given: { ...given, now: () => clock.at } });
  const http = createHttpClient({ ca: served.ca, timeoutMs: 10_000, connections: 4 });
  onTestFinished(async () => {
    await http.close();
    await served.close();
  });
  const requests: HttpRequest[] = [];
  const throttled: (number | undefined)[] = [];
  const answers: TaxiiBench['answers'] = {};
  const apiRoot = `${served.url}/api1`;
  const open = (own: Partial<TaxiiSettings> = {}, deployment = DEPLOYMENT): Destination =>
    createTaxii(taxiiSettings(apiRoot, { ...settings, ...own }), {
      http: {
        async send(request) {
          requests.push(request);
          const made = answers.before?.(request) ?? null;
          if (made !== null) return made;
          const reply = await http.send(request);
          return answers.after?.(request, reply) ?? reply;
        },
        close: () => http.close(),
      },
      pace: {
        async before() {},
        answered() {},
        async throttled(ms) {
          throttled.push(ms);
        },
      },
      now: () => clock.at,
      deployment,
      tlpDefault: 'green',
      requestTimeoutMs: 10_000,
    });
  return {
    taxii: open(),
    tip: served.tip,
    url: served.url,
    ca: served.ca,
    requests,
    throttled,
    clock,
    answers,
    setFaults: (patch) => served.setFaults(patch),
    again: open,
    added: () =>
      requests
        .filter(({ method }) => method === 'POST')
        .map(({ body = '' }) => Reflect.get(Object(JSON.parse(body)), 'objects')),
  };
}

/** Items in the form to send, of which the destination holds so much. */
export function rendered(
  taxii: Destination,
  items: readonly Deliverable[],
  held?: ReadonlyMap<number, Held>,
): Rendered[] {
  return items.map((item) => {
    const has = held?.get(item.id) ?? item.held;
    const whole = has === undefined ? item : { ...item, held: has };
    return { ...taxii.render(whole), ...(has === undefined ? {} : { held: has }) };
  });
}

let shipments = 0;
export function shipmentOf(items: readonly Rendered[]): Shipment {
  shipments += 1;
  return { name: `shipment:${shipments}`, items };
}

/** Asks until it is settled, with the clock going on by what it is told to wait. */
export async function settled(
  { clock }: Pick<TaxiiBench, 'clock'>,
  taxii: Destination,
  shipment: Shipment,
  receipt: Receipt,
) {
  for (let asked = 0; asked < 1_000; asked += 1) {
    const answer = await taxii.confirm(shipment, receipt, SIGNAL);
    if (answer.kind === 'settled') return answer;
    clock.at = new Date(clock.at.getTime() + answer.retryAfterMs);
  }
  throw new Error('It was not settled after 1,000 questions.');
}

/** Brings items in one request and settles it; returns that, and what is held then. */
export async function deliver(
  bench: Pick<TaxiiBench, 'taxii' | 'clock'>,
  items: readonly Deliverable[],
  held?: ReadonlyMap<number, Held>,
) {
  const all = rendered(bench.taxii, items, held);
  const shipment = shipmentOf(all);
  const answer = await settled(bench, bench.taxii, shipment, await bench.taxii.bring(shipment, SIGNAL));
  const given = new Map((answer.given ?? []).map(({ id, remoteId }) => [id, remoteId]));
  return {
    ...answer,
    shipment,
    held: new Map<number, Held>(
      all.map(({ id, form }) => [id, { remoteId: given.get(id) ?? null, form, maybes: [], awaits: false }]),
    ),
  };
}

/** The same, as what was withdrawn since. */
export function withdrawnOf(
  held: ReadonlyMap<number, Held>,
  withdrawn: 'maybe' | 'yes' = 'yes',
): ReadonlyMap<number, Held> {
  return new Map(
    [...held].map(([id, one]) => [
      id,
      { ...one, form: null, maybes: one.form === null ? one.maybes : [one.form, ...one.maybes], withdrawn },
    ]),
  );
}
