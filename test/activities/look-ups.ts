import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts } from '../../activities/parts.ts';
import { score } from '../../activities/score.ts';
import { createThreatStream } from '../../destinations/threatstream/threatstream.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Policy } from '../../indicators/policy.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { createReputationSource, type MdtiSettings } from '../../mdti/graph-reputation.ts';
import type { graphFaults } from '../../sandbox/graph/graph-faults.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { plainSettings } from '../destinations/threatstream-settings.ts';
import { POLICY } from '../indicators/arbitraries.ts';
import { readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { recordedPace } from '../rates/recorded-pace.ts';
import { partsWith } from './parts.ts';

export type GraphFaultsPatch = z.input<typeof graphFaults>;

/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);

/** Hosts that are like no other test's, of which the sandbox has a reputation. */
let made = 0;
export function newHosts(count: number): string[] {
  const hosts: string[] = [];
  while (hosts.length < count) {
    made += 1;
    const host = `h${made}.example.com`;
    if ((madeUpReputation(1, host)?.score ?? 0) >= 75) hosts.push(host);
  }
  return hosts;
}

let pipelines = 0;
/** The step that scores, at work on a ledger and on the sandbox's Graph over HTTPS, by a clock that the test moves. */
export async function startLookUps(
  ledger: LedgerDb,
  settings: Partial<Pick<MdtiSettings, 'mode' | 'licenceFailures'>> & {
    readonly concurrency?: number;
    readonly policy?: Partial<Policy>;
  } = {},
) {
  const sandbox = await startSandbox({ indicators: 0, faults: { graph: { notFoundShare: 0.1 } } });
  const http = createHttpClient({ ca: sandbox.ca, timeoutMs: 20_000, connections: 8 });
  onTestFinished(async () => {
    await http.close();
    await sandbox.close();
  });
  const clock = { at: new Date('2026-11-24T12:00:00Z') };
  const pace = recordedPace();
  /** What happens before a request leaves: it waits for its turn. */
  const gate: { turn: (hosts: number) => Promise<void> } = { turn: async () => undefined };
  const asked: string[][] = [];
  const token = await tokenOf(sandbox, http);
  const reputations = createReputationSource(
    { endpoint: sandbox.urls.graph, scope: 'https://graph.microsoft.com/.default', mode: 'batch', ...settings },
    {
      http: {
        async send(request) {
          asked.push(
            [...(request.body ?? request.url).matchAll(/hosts\/([^/"]+)\/reputation/g)].map(([, host]) => host ?? ''),
          );
          return http.send(request);
        },
        close: () => http.close(),
      },
      credential: { getToken: async () => ({ token, expiresOnTimestamp: 4_102_444_800_000 }) },
      pace: {
        ...pace,
        async before(signal, requests) {
          await gate.turn(requests ?? 1);
          await pace.before(signal, requests);
        },
      },
      now: () => clock.at,
    },
  );

  const { threatstreamUser: user, threatstreamApiKey: apiKey } = sandbox.credentials;
  const destination = createThreatStream(plainSettings({ baseUrl: sandbox.urls.threatstream, user, apiKey }), {
    http,
    pace: recordedPace(),
    now: () => clock.at,
  });
  const pipelineOf = (): { name: string; parts: Parts } => {
    pipelines += 1;
    const name = `look-ups ${pipelines}`;
    const parts = partsWith(
      ledger,
      { name, policy: { ...POLICY, ...settings.policy }, destination },
      {
        reputations,
        reputationTtlMs: { scored: 7 * 24 * 3_600_000, none: 24 * 3_600_000 },
        lookUpConcurrency: settings.concurrency ?? 4,
        now: () => clock.at,
      },
    );
    return { name, parts };
  };
  const own = pipelineOf();

  const stepOf =
    <T>(step: (parts: Parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    async (windowId: number, { name, parts } = own): Promise<T | Fault> => {
      const environment = new MockActivityEnvironment(
        { workflowExecution: { workflowId: `batch of window ${windowId}`, runId: 'run' } },
        { logger: SILENT },
      );
      try {
        return await environment.run(() => step(parts, { pipeline: name, windowId, batch: 1 }));
      } catch (error) {
        if (error instanceof Fault) return error;
        throw error;
      }
    };
  const scoreOnce = stepOf(score);

  return {
    clock,
    pace,
    gate,
    /** The hosts of each request. */
    asked,
    own,
    another: pipelineOf,
    counts: () => ({ ...sandbox.tips.threatstream.counts(), ...sandbox.counts() }),
    setFaults: (graph: GraphFaultsPatch) => sandbox.setFaults({ graph }),
    bring: (hosts: readonly string[], { name } = own) =>
      readWindow(
        ledger,
        name,
        hosts.map((host) => observation(host)),
      ),
    score: scoreOnce,
    /** Delivers and confirms. */
    async finish(windowId: number) {
      const delivered = await stepOf(deliver)(windowId);
      for (let tries = 0; tries < 20; tries += 1) {
        const confirmed = await stepOf(confirm)(windowId);
        if (!(confirmed instanceof Fault)) return confirmed;
      }
      return delivered;
    },
    /** Tries for as long as the engine would within the time, by the clock, without its pauses. Gives the last outcome. */
    async scoreWithin(windowId: number, withinMs: number, pipeline = own) {
      const end = clock.at.getTime() + withinMs;
      for (;;) {
        const outcome = await scoreOnce(windowId, pipeline);
        const wait = outcome instanceof Fault ? (outcome.retryAfterMs ?? 1_000) : null;
        const isRetried = outcome instanceof Fault && ['Throttled', 'Unavailable'].includes(outcome.kind);
        if (wait === null || !isRetried || clock.at.getTime() + wait > end) return outcome;
        clock.at = new Date(clock.at.getTime() + wait);
      }
    },
  };
}

async function tokenOf(
  { urls, credentials }: Awaited<ReturnType<typeof startSandbox>>,
  http: ReturnType<typeof createHttpClient>,
): Promise<string> {
  const { clientId, clientSecret, tenantId } = credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const reply = await http.send({
    method: 'POST',
    url: `${urls.authority}/${tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, scope: 'https://graph.microsoft.com/.default' }).toString(),
    signal: AbortSignal.timeout(20_000),
  });
  return String(Reflect.get(Object(JSON.parse(reply.text)), 'access_token'));
}
