import { onTestFinished } from 'vitest';
import type { Confirmation, Deliverable, Destination, Receipt, Shipment } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { createThreatStream } from '../../destinations/threatstream/threatstream.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { plainSettings } from './threatstream-settings.ts';

export type Approval = ThreatStreamSettings['approval'];

export const APPROVALS: readonly Approval[] = ['required', 'automatic', 'bypass'];

export interface Bench {
  readonly sandbox: Sandbox;
  readonly threatstream: Destination;
  readonly requests: readonly HttpRequest[];
  /** What the pace was told of 429s. */
  readonly throttled: readonly (number | undefined)[];
  /** How many answers it was told of that were none. */
  readonly answered: () => number;
  /** The adapter's clock. */
  readonly clock: { at: Date };
  /** How long the pace lets each request wait, by that clock, and what it has to wait for besides. */
  readonly pace: { waitMs: number; until?: () => Promise<void> };
  /** How long requests take, by that clock, and what is answered in the sandbox's stead. */
  readonly answers: { takeMs: number; to?: (request: HttpRequest) => HttpReply | null };
}

/** The adapter at work against the sandbox over HTTPS, its own or that of another one. */
export async function startBench(
  approval: Approval,
  settings: Partial<ThreatStreamSettings> = {},
  faults: Parameters<Sandbox['setFaults']>[0]['threatstream'] = {},
  beside?: Bench,
): Promise<Bench> {
  const sandbox = beside?.sandbox ?? (await startSandbox({ indicators: 0, faults: { threatstream: faults } }));
  const http = createHttpClient({ ca: sandbox.ca, timeoutMs: 10_000, connections: 4 });
  onTestFinished(async () => {
    await http.close();
    if (beside === undefined) await sandbox.close();
  });
  const requests: HttpRequest[] = [];
  const throttled: (number | undefined)[] = [];
  let answered = 0;
  const clock = beside?.clock ?? { at: new Date() };
  const pace: Bench['pace'] = { waitMs: 0 };
  const answers: Bench['answers'] = { takeMs: 0 };
  const threatstream = createThreatStream(
    plainSettings({
      baseUrl: sandbox.urls.threatstream,
      user: sandbox.credentials.threatstreamUser,
      apiKey: sandbox.credentials.threatstreamApiKey,
      approval,
      ...settings,
    }),
    {
      http: {
        async send(request) {
          requests.push(request);
          const reply = answers.to?.(request) ?? (await http.send(request));
          clock.at = new Date(clock.at.getTime() + answers.takeMs);
          return reply;
        },
        close: () => http.close(),
      },
      pace: {
        async before() {
          await pace.until?.();
          clock.at = new Date(clock.at.getTime() + pace.waitMs);
        },
        answered(count = 1) {
          answered += count;
        },
        async throttled(retryAfterMs) {
          throttled.push(retryAfterMs);
        },
      },
      now: () => clock.at,
    },
  );
  return { sandbox, threatstream, requests, throttled, answered: () => answered, clock, pace, answers };
}

export const SIGNAL = new AbortController().signal;

/** One shipment for each request that the adapter plans. */
export function shipmentsOf(threatstream: Destination, items: readonly Deliverable[], name = 'one'): Shipment[] {
  const rendered = items.map((item) => threatstream.render(item));
  return threatstream.plan(rendered).map((part, index) => ({ name: `mdti-sync:${name}:${index}`, items: part }));
}

export function only(shipments: readonly Shipment[]): Shipment {
  const [first, ...rest] = shipments;
  if (first === undefined || rest.length > 0) throw new Error(`There are ${shipments.length} shipments and not one.`);
  return first;
}

/** Asks until it is settled, as the engine does, without its pauses. */
export async function settle(
  threatstream: Destination,
  shipment: Shipment,
  receipt: Receipt,
): Promise<Extract<Confirmation, { kind: 'settled' }>> {
  for (let asked = 0; asked < 50; asked += 1) {
    const confirmation = await threatstream.confirm(shipment, receipt, SIGNAL);
    if (confirmation.kind === 'settled') return confirmation;
  }
  throw new Error('It was not settled after 50 questions.');
}

/** Sends and settles everything; returns the ids that were accepted, rejected, or neither. */
export async function deliverAll(
  threatstream: Destination,
  items: readonly Deliverable[],
  name = 'one',
): Promise<{
  accepted: number[];
  rejected: { id: number; reason: string }[];
  unknown: { id: number; reason: string }[];
  notes: Set<string>;
}> {
  const accepted: number[] = [];
  const rejected: { id: number; reason: string }[] = [];
  const unknown: { id: number; reason: string }[] = [];
  const notes = new Set<string>();
  for (const shipment of shipmentsOf(threatstream, items, name)) {
    const confirmation = await settle(threatstream, shipment, await send(threatstream, shipment, SIGNAL));
    accepted.push(...confirmation.accepted);
    rejected.push(...confirmation.rejected);
    unknown.push(...confirmation.unknown);
    notes.add(confirmation.note);
  }
  for (const list of [rejected, unknown]) list.sort((a, b) => a.id - b.id);
  return { accepted: accepted.sort((a, b) => a - b), rejected, unknown, notes };
}
