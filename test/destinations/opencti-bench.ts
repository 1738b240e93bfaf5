import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type {
  Confirmation,
  Deliverable,
  Destination,
  Held,
  Receipt,
  Shipment,
  Withdrawable,
  Withdrawn,
} from '../../destinations/destination.ts';
import { createOpenCti } from '../../destinations/opencti/opencti.ts';
import { type OpenCtiSettings, openCtiSection } from '../../destinations/opencti/opencti-settings.ts';
import { send } from '../../destinations/send.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { OPENCTI_STAND_IN } from '../../sandbox/opencti/opencti-stand-in.ts';
import { type Patch, serveTip, type TipServer } from '../sandbox/tip-server.ts';

const { token, collection } = z
  .object({ token: z.string(), collection: z.string() })
  .parse(OPENCTI_STAND_IN.credentials);

const {
  token: _,
  maxReply: __,
  type: ___,
  ...defaults
} = openCtiSection.parse({
  type: 'opencti',
  baseUrl: 'https://opencti.example',
  collection,
  token: { env: 'OPENCTI_TOKEN' },
});

/** Those of the configuration. */
export const OPENCTI_DEFAULTS: OpenCtiSettings = { ...defaults, token, requestTimeout: 10_000 };

export const SIGNAL = new AbortController().signal;

export interface OpenCtiBench {
  readonly tip: TipServer;
  readonly opencti: Destination;
  readonly requests: readonly HttpRequest[];
  readonly throttled: readonly (number | undefined)[];
  /** Of the adapter and of OpenCTI. */
  readonly clock: { at: Date };
  /** What is answered in the stand-in's stead, before or after it has got the request. */
  readonly answers: { before?: (request: HttpRequest) => HttpReply | null; after?: (request: HttpRequest) => void };
  /** With these settings beside those that it has. */
  readonly another: (settings: Partial<OpenCtiSettings>, deployment?: string) => Destination;
}

/** The adapter at work against the stand-in over HTTPS, at a time that stands still. */
export async function startOpenCti(faults: Patch = {}, settings: Partial<OpenCtiSettings> = {}): Promise<OpenCtiBench> {
  const clock = { at: new Date('2026-11-24T08:00:00.000Z') };
  const tip = await serveTip(OPENCTI_STAND_IN, faults, { given: { now: () => clock.at } });
  const http = createHttpClient({ ca: tip.ca, timeoutMs: 10_000, connections: 4 });
  onTestFinished(async () => {
    await http.close();
    await tip.close();
  });
  const requests: HttpRequest[] = [];
  const throttled: (number | undefined)[] = [];
  const answers: OpenCtiBench['answers'] = {};
  const another: OpenCtiBench['another'] = (more, deployment = 'the deployment of the tests') =>
    createOpenCti(
      { ...OPENCTI_DEFAULTS, baseUrl: tip.url, ...settings, ...more },
      {
        http: {
          async send(request) {
            requests.push(request);
            const given = answers.before?.(request) ?? null;
            if (given !== null) return given;
            const reply = await http.send(request);
            answers.after?.(request);
            // The server says what this machine's clock says.
            return { ...reply, headers: { ...reply.headers, date: clock.at.toUTCString() } };
          },
          close: () => http.close(),
        },
        pace: {
          before: async () => undefined,
          answered: () => undefined,
          async throttled(retryAfterMs) {
            throttled.push(retryAfterMs);
          },
        },
        now: () => clock.at,
        deployment,
        tlpDefault: 'amber',
      },
    );
  return { tip, opencti: another({}), requests, throttled, clock, answers, another };
}

export function isPush({ url }: HttpRequest): boolean {
  return url.endsWith('/objects/');
}

const pushedBody = z.object({ objects: z.array(z.looseObject({ type: z.string(), id: z.string() })) });

/** The indicators of each push. */
export function pushesOf({ requests }: OpenCtiBench): Readonly<Record<string, unknown>>[][] {
  return requests
    .filter(isPush)
    .map(({ body }) => pushedBody.parse(JSON.parse(body ?? '')).objects.filter(({ type }) => type === 'indicator'));
}

/** One shipment for each push that the adapter plans. */
export function shipmentsOf(opencti: Destination, items: readonly Deliverable[], name = 'one'): Shipment[] {
  const rendered = items.map((item) => opencti.render(item));
  return opencti.plan(rendered).map((part, index) => ({ name: `${name}:${index}`, items: part }));
}

export function only(shipments: readonly Shipment[]): Shipment {
  const [first, ...rest] = shipments;
  if (first === undefined || rest.length > 0) throw new Error(`There are ${shipments.length} shipments and not one.`);
  return first;
}

export type Settled = Extract<Confirmation, { kind: 'settled' }>;

/** Asks until it is settled; a confirmation that goes on waiting has its time over after some. */
export async function settle(bench: OpenCtiBench, shipment: Shipment, receipt: Receipt): Promise<Settled> {
  for (let asked = 0; asked < 12; asked += 1) {
    const confirmation = await bench.opencti.confirm(shipment, receipt, SIGNAL);
    if (confirmation.kind === 'settled') return confirmation;
    if (asked === 9) later(bench, 3_600_000);
  }
  throw new Error('It was not settled though its time is over.');
}

/** Brings or changes one item, and returns what came of it, and what is held then. */
export async function deliver(bench: OpenCtiBench, item: Deliverable): Promise<{ settled: Settled; held: Held }> {
  const shipment = only(shipmentsOf(bench.opencti, [item]));
  const settled = await settle(bench, shipment, await send(bench.opencti, shipment, SIGNAL));
  const form = shipment.items[0]?.form ?? {};
  const remoteId = settled.given?.[0]?.remoteId ?? null;
  return { settled, held: { remoteId, form, maybes: [], awaits: false } };
}

/** Asks for it until it is done or nobody can tell, as the engine does, without its pauses. */
export async function withdraw(bench: OpenCtiBench, items: readonly Withdrawable[]): Promise<Withdrawn> {
  for (let asked = 0; asked < 12; asked += 1) {
    try {
      return await bench.opencti.withdraw(items, SIGNAL);
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'Throttled' || !error.isOurs) throw error;
    }
    if (asked === 9) later(bench, 3_600_000);
  }
  throw new Error('It was not settled though its time is over.');
}

/** What the ledger says of it once it was withdrawn. */
export function asWithdrawn({ remoteId, form }: Held): Held {
  return { remoteId, form: null, maybes: form === null ? [] : [form], awaits: false, withdrawn: 'yes' };
}

export function later({ clock }: OpenCtiBench, ms: number): void {
  clock.at = new Date(clock.at.getTime() + ms);
}
