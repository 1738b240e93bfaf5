import { onTestFinished } from 'vitest';
import type {
  Confirmation,
  Deliverable,
  Destination,
  Held,
  Receipt,
  Shipment,
} from '../../destinations/destination.ts';
import { createMisp } from '../../destinations/misp/misp.ts';
import { type MispSettings, mispSection } from '../../destinations/misp/misp-settings.ts';
import { send } from '../../destinations/send.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { serveTip, type TipServer } from '../sandbox/tip-server.ts';

export const SIGNAL = new AbortController().signal;
export const DEPLOYMENT = '11111111-2222-3333-4444-555555555555';
const NOW = new Date('2026-11-24T08:00:00Z');

const {
  type: _type,
  maxReply: _maxReply,
  ...defaults
} = mispSection.parse({ type: 'misp', baseUrl: 'https://misp.example', apiKey: { env: 'KEY' } });

export function mispSettings(more: Partial<MispSettings> = {}): MispSettings {
  return { ...defaults, apiKey: MISP_STAND_IN.credentials['apiKey'] ?? '', ...more };
}

export interface MispBench {
  readonly server: TipServer;
  readonly misp: Destination;
  readonly requests: readonly HttpRequest[];
  /** What the pace was told of 429s. */
  readonly throttled: readonly (number | undefined)[];
  /** Of the adapter and of MISP. */
  readonly clock: { at: Date };
  /** What is done before a request is sent, and answered in MISP's stead; or what comes of its answer. */
  readonly answers: {
    to?: (request: HttpRequest) => HttpReply | null;
    after?: (request: HttpRequest, reply: HttpReply) => HttpReply;
  };
  later(ms: number): void;
  /** Another one for the same MISP. */
  with(settings: Partial<MispSettings>, deployment?: string): Destination;
}

/** The adapter at work against a MISP over HTTPS, whose clock is its own. */
export async function startMispBench(
  settings: Partial<MispSettings> = {},
  faults: Record<string, unknown> = {},
): Promise<MispBench> {
  const clock = { at: NOW };
  const server = await serveTip(MISP_STAND_IN, faults, { given: { now: () => clock.at } });
  const http = createHttpClient({ ca: server.ca, timeoutMs: 10_000, connections: 8 });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const requests: HttpRequest[] = [];
  const throttled: (number | undefined)[] = [];
  const answers: MispBench['answers'] = {};
  const create = (more: Partial<MispSettings>, deployment = DEPLOYMENT): Destination =>
    createMisp(mispSettings({ baseUrl: server.url, ...settings, ...more }), {
      deployment,
      tlpDefault: 'amber',
      http: {
        async send(request) {
          requests.push(request);
          const reply = answers.to?.(request) ?? (await http.send(request));
          return answers.after?.(request, reply) ?? reply;
        },
        close: () => http.close(),
      },
      pace: {
        async before() {},
        answered() {},
        async throttled(retryAfterMs) {
          throttled.push(retryAfterMs);
        },
      },
      now: () => clock.at,
    });
  return {
    server,
    misp: create({}),
    requests,
    throttled,
    clock,
    answers,
    later(ms) {
      clock.at = new Date(clock.at.getTime() + ms);
    },
    with: create,
  };
}

/** `POST attributes/add`, without what follows; since that many requests. */
export function askedOf({ requests, server }: MispBench, from = 0): string[] {
  return requests.slice(from).map(({ method, url }) => {
    const [, controller = '', action = ''] = url.slice(server.url.length).split('/');
    return `${method} ${controller}/${action}`;
  });
}

export function shipmentsOf(misp: Destination, items: readonly Deliverable[]): Shipment[] {
  const rendered = items.map((item) => misp.render(item));
  return misp.plan(rendered).map((part, index) => ({ name: `mdti-sync:${index}`, items: part }));
}

export type Outcome = Pick<Extract<Confirmation, { kind: 'settled' }>, 'rejected' | 'unknown'> & {
  readonly accepted: number[];
  readonly held: Map<number, Held>;
  readonly notes: string[];
};

/** Sends and settles everything side by side, as the machine does; what is waited for passes at once. */
export async function deliver(bench: MispBench, items: readonly Deliverable[], misp = bench.misp): Promise<Outcome> {
  const outcomes = await Promise.all(
    shipmentsOf(misp, items).map(async (shipment) => {
      const receipt = await send(misp, shipment, SIGNAL);
      return { shipment, settled: await settle(bench, shipment, receipt, misp) };
    }),
  );
  const held = new Map<number, Held>();
  for (const { shipment, settled } of outcomes) {
    const { given = [], accepted } = settled;
    for (const { id, form } of shipment.items) {
      const remoteId = given.find((one) => one.id === id)?.remoteId ?? null;
      if (accepted.includes(id)) held.set(id, { remoteId, form, maybes: [], awaits: false });
    }
  }
  return {
    accepted: outcomes.flatMap(({ settled }) => settled.accepted).toSorted((a, b) => a - b),
    rejected: outcomes.flatMap(({ settled }) => settled.rejected).toSorted((a, b) => a.id - b.id),
    unknown: outcomes.flatMap(({ settled }) => settled.unknown).toSorted((a, b) => a.id - b.id),
    held,
    notes: [...new Set(outcomes.map(({ settled }) => settled.note))],
  };
}

async function settle(
  bench: MispBench,
  shipment: Shipment,
  receipt: Receipt,
  misp = bench.misp,
): Promise<Extract<Confirmation, { kind: 'settled' }>> {
  for (let asked = 0; asked < 20; asked += 1) {
    const confirmation = await misp.confirm(shipment, receipt, SIGNAL);
    if (confirmation.kind === 'settled') return confirmation;
    bench.later(30_000);
  }
  throw new Error('It was not settled after 20 questions.');
}

/** Of each value, its state there. */
export function statesIn({ server }: MispBench): Record<string, string> {
  return Object.fromEntries(server.tip.items().map(({ value, state }) => [value, state]));
}

/** As the ledger tells that it is held. */
export function asHeld(item: Deliverable, { held }: Outcome, more: Partial<Held> = {}): Deliverable {
  const known = held.get(item.id);
  return known === undefined ? item : { ...item, held: { ...known, ...more } };
}
