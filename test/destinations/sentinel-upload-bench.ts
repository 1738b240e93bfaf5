import { onTestFinished } from 'vitest';
import type { Confirmation, Destination, Shipment } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { createSentinelUpload } from '../../destinations/sentinel-upload/sentinel-upload.ts';
import {
  type SentinelUploadSettings,
  sentinelUploadSection,
} from '../../destinations/sentinel-upload/sentinel-upload-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { SentinelUploadFaults } from '../../sandbox/sentinel-upload/sentinel-upload-faults.ts';
import { createLogsClient } from '../../sentinel/logs-client.ts';
import { workspaceRows } from '../../sentinel/workspace-rows.ts';
import { type RecordedPace, recordedPace } from '../rates/recorded-pace.ts';
import { serveUpload, workspaceId } from '../sandbox/sentinel-upload-server.ts';

const MINUTE = 60_000;

type Rows = Awaited<ReturnType<typeof workspaceRows>>;

/** The adapter at work against the stand-in over HTTPS, and reading its workspace as the worker does. */
export async function startUploadBench(
  faults: Partial<SentinelUploadFaults> = {},
  given: Partial<SentinelUploadSettings> = {},
  more: { readonly deployment?: string } = {},
) {
  const server = await serveUpload(faults);
  const { clock } = server;
  const http = createHttpClient({ ca: server.ca, timeoutMs: 10_000, connections: 4 });
  const scopes: string[] = [];
  const dropped: string[] = [];
  const credential = {
    async getToken(scope: string | string[]) {
      const audience = String(scope).replace(/\/\.default$/, '');
      scopes.push(audience);
      return { token: server.tokens.issue(audience, 3_600), expiresOnTimestamp: Date.now() + 3_600_000 };
    },
    refused(token: string) {
      dropped.push(token);
      return true;
    },
  };
  const queries: string[] = [];
  const logs = createLogsClient(
    { endpoint: `${new URL(server.url).origin}/logs/v1`, ca: server.ca, serverTimeoutSeconds: 60 },
    { credential, pace: recordedPace(), now: clock.now },
  );
  onTestFinished(async () => {
    await Promise.all([http.close(), logs.close()]);
    await server.close();
  });
  const requests: HttpRequest[] = [];
  /** What becomes of requests on their way: answered in the stand-in's stead, or lost before or after it has taken them in. */
  const wire: {
    loses: 'before' | 'after' | null;
    answers?: HttpReply;
    /** What is made of the rows that a query is answered with. */
    rows?: (rows: Rows) => Rows;
  } = { loses: null };
  const settings: SentinelUploadSettings = {
    ...defaults,
    endpoint: server.url,
    requestTimeout: 120_000,
    ...given,
  };
  const pace: RecordedPace = recordedPace();
  const open = (): Destination =>
    createSentinelUpload(settings, {
      http: {
        async send(request) {
          requests.push(request);
          if (wire.answers !== undefined) return wire.answers;
          if (wire.loses === 'before') throw new Fault('Unavailable', 'The connection was reset.');
          const reply = await http.send(request);
          if (wire.loses === 'after') throw new Fault('Unavailable', 'The connection was reset.');
          return reply;
        },
        close: () => http.close(),
      },
      pace,
      azure: {
        credential,
        async rows(question, signal) {
          queries.push(question.query);
          const rows = await workspaceRows(logs, question, signal);
          return wire.rows?.(rows) ?? rows;
        },
      },
      now: clock.now,
      deployment: more.deployment ?? 'the source',
      tlpDefault: 'green',
    });
  const destination = open();
  return {
    server,
    clock,
    destination,
    requests,
    queries,
    scopes,
    dropped,
    wire,
    pace,
    settings,
    /** As another worker has it, that knows nothing of what this one has done. */
    restarted: open,
    /** Requests that carry something: another one asks whether the API answers. */
    uploads: () => requests.filter(({ body = '' }) => !body.endsWith('"stixobjects":[]}')),
    /** Objects of a request, by its place among all. */
    objects: (place = -1): readonly Record<string, unknown>[] =>
      JSON.parse(requests.at(place)?.body ?? '{}').stixobjects ?? [],
    counts: () => server.tip.counts(),
    states: () => server.tip.items().map(({ value, state }) => `${value} ${state}`),
    /** The newest row of each object, as an analyst sees it. */
    rows: (columns: string) =>
      server.rows(`ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id | project ${columns}`),
    later: (minutes: number): void => clock.pass(minutes * MINUTE),
  };
}

export type UploadBench = Awaited<ReturnType<typeof startUploadBench>>;

const { type: _, maxReply: __, ...defaults } = sentinelUploadSection.parse({ type: 'sentinel-upload', workspaceId });

const never = (): AbortSignal => new AbortController().signal;

let shipments = 0;
export function shipmentOf(items: Shipment['items']): Shipment {
  shipments += 1;
  return { name: `shipment:${shipments}`, items };
}

/** Sends a shipment, and asks once what became of it. */
export async function sendAndAsk(destination: Destination, shipment: Shipment): Promise<Confirmation> {
  return destination.confirm(shipment, await send(destination, shipment, never()), never());
}
