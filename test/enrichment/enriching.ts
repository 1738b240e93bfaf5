import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import { confirmArtifacts } from '../../activities/confirm-artifacts.ts';
import { countArtifacts } from '../../activities/count-artifacts.ts';
import { formArtifacts } from '../../activities/form-artifacts.ts';
import { judgeArtifacts } from '../../activities/judge-artifacts.ts';
import type { Parts } from '../../activities/parts.ts';
import { readArtifacts } from '../../activities/read-artifacts.ts';
import { writeArtifacts } from '../../activities/write-artifacts.ts';
import type { ArtifactStore } from '../../destinations/artifacts.ts';
import { threatstreamSelection } from '../../destinations/threatstream/artifact-selection.ts';
import { threatstreamArtifacts } from '../../destinations/threatstream/artifact-store.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { EnrichedPipeline } from '../../enrichment/parts.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Reputation } from '../../indicators/reputation.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { partsWith } from '../activities/parts.ts';
import { plainSettings } from '../destinations/threatstream-settings.ts';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const TTL = 24 * HOUR;
const SIGNAL = new AbortController().signal;

export function scored(score: number, classification = 'malicious'): Reputation {
  return { kind: 'scored', score, classification, rules: [] };
}

/** What MDTI says of hosts; of all others that it has none. */
export interface Oracle {
  readonly says: Map<string, Reputation>;
  /** Hosts of which no look-up succeeds. */
  readonly fails: Set<string>;
  readonly asked: string[];
}

let pipelines = 0;
/** The steps of a pipeline that enriches what a store holds, at work on a ledger, by a clock that the test moves. */
export function startEnriching(
  ledger: LedgerDb,
  store: ArtifactStore,
  given: Partial<EnrichedPipeline> = {},
  clock: { at: Date } = { at: new Date('2026-11-24T12:00:00Z') },
) {
  pipelines += 1;
  const name = given.name ?? `enriched ${pipelines}`;
  const oracle: Oracle = { says: new Map(), fails: new Set(), asked: [] };
  const pipeline: EnrichedPipeline = {
    store,
    selection: 'all',
    everyPassMs: 7 * DAY,
    writing: { minimumScore: 50, tags: true, comment: false, score: false },
    lanes: 1,
    batchSize: 1_000,
    exclude: () => null,
    namedHosts: null,
    budgets: [],
    perSecond: 1,
    stability: 'stable',
    ...given,
    name,
  };
  const parts: Parts = partsWith(
    ledger,
    { name },
    {
      enriched: () => pipeline,
      reputations: {
        hostsPerCall: 100,
        async lookUp(hosts) {
          oracle.asked.push(...hosts);
          return hosts.map((host) =>
            oracle.fails.has(host)
              ? { host, kind: 'failed', fault: new Fault('Malformed', 'It cannot be read.') }
              : { host, kind: 'known', reputation: oracle.says.get(host) ?? { kind: 'none' } },
          );
        },
        probe: async () => undefined,
      },
      reputationTtlMs: { scored: TTL, none: TTL },
      now: () => clock.at,
    },
  );
  const later = (ms: number): void => {
    clock.at = new Date(clock.at.getTime() + ms);
  };
  /** That a step fails is said by its outcome. */
  const step = <I, O>(act: (parts: Parts, input: I) => Promise<O>, input: I): Promise<O> =>
    new MockActivityEnvironment(
      { workflowExecution: { workflowId: name, runId: 'run' } },
      { logger: new DefaultLogger('ERROR', () => undefined) },
    ).run(() => act(parts, input));
  /** Waits by the clock for as long as a step asks for, as the engine does. */
  const patiently = async <O>(act: () => Promise<O>): Promise<O> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        const isWaiting = error instanceof Fault && (error.kind === 'Throttled' || error.kind === 'Unavailable');
        if (!isWaiting || attempt === 100) throw error;
        later(error.retryAfterMs ?? 1_000);
      }
    }
  };
  const steps = {
    read: (pages = 20) => step(readArtifacts, { pipeline: name, pages }),
    form: (to: 'judge' | 'write') => step(formArtifacts, { pipeline: name, to }),
    judge: (part: number) => step(judgeArtifacts, { pipeline: name, part }),
    write: (part: number, what: 'marks' | 'besides') => step(writeArtifacts, { pipeline: name, part, what }),
    confirm: () => step(confirmArtifacts, { pipeline: name }),
    count: () => step(countArtifacts, { pipeline: name }),
  };
  const judgeAll = async (): Promise<void> => {
    for (const { part } of (await patiently(() => steps.form('judge'))).open) await patiently(() => steps.judge(part));
  };
  const writeAll = async (): Promise<void> => {
    for (const { part, besides = 0 } of (await patiently(() => steps.form('write'))).open) {
      await patiently(() => steps.write(part, 'marks'));
      if (besides > 0) await patiently(() => steps.write(part, 'besides'));
    }
  };
  return {
    ...steps,
    name,
    parts,
    pipeline,
    oracle,
    clock,
    later,
    patiently,
    judgeAll,
    writeAll,
    /** A run from beginning to end, without what makes it a workflow; returns what it did, and how all stands then. */
    run: async () => {
      const before = await steps.count();
      for (let round = 1; round <= 20; round += 1) {
        const { isEnd } = await patiently(() => steps.read());
        await judgeAll();
        await writeAll();
        const { standing } = await steps.count();
        if (isEnd && standing.pending === 0) break;
        if (isEnd) await patiently(() => steps.confirm());
        if (isEnd && (await steps.count()).standing.pending === 0) break;
      }
      const after = await steps.count();
      const did = Object.entries(after.done).map(([what, count]) => [
        what,
        count - (Object.entries(before.done).find(([key]) => key === what)?.[1] ?? 0),
      ]);
      return { ...after.standing, ...Object.fromEntries(did) };
    },
    /** How the ledger has each, by the id that the TIP gave. */
    rows: async () => {
      const rows = await ledger.selectFrom('artifacts').selectAll().where('pipeline', '=', name).execute();
      return new Map(rows.map((row) => [row.remote_id, row]));
    },
  };
}

export interface Put {
  readonly id: number;
  readonly type?: 'ip' | 'ipv6' | 'domain' | 'url' | 'email' | 'md5' | 'string';
  readonly value: string;
  readonly owner?: 'own' | 'foreign';
  readonly feed?: number;
  readonly status?: 'active' | 'inactive' | 'falsepos';
  readonly confidence?: number;
  readonly tags?: readonly { readonly name: string; readonly tlp?: string }[];
  readonly comments?: readonly string[];
}

/** What the sandbox's ThreatStream holds, over HTTPS, as a store. */
export async function startThreatStreamStore(
  {
    faults = {},
    select = {},
    settings = {},
    clock = { at: new Date() },
  }: {
    readonly faults?: Parameters<Sandbox['setFaults']>[0]['threatstream'];
    readonly select?: object;
    readonly settings?: Partial<ThreatStreamSettings>;
    readonly clock?: { at: Date };
  } = {},
  artifacts: readonly Put[] = [],
) {
  const sandbox = await startSandbox({ indicators: 0, faults: { threatstream: faults } });
  const http = createHttpClient({ ca: sandbox.ca, timeoutMs: 10_000, connections: 4 });
  onTestFinished(async () => {
    await http.close();
    await sandbox.close();
  });
  const requests: HttpRequest[] = [];
  const answers: { to?: (request: HttpRequest) => HttpReply | Error | null; after?: (reply: HttpReply) => HttpReply } =
    {};
  const { threatstreamUser: user, threatstreamApiKey: apiKey } = sandbox.credentials;
  const store = threatstreamArtifacts(
    plainSettings({ baseUrl: sandbox.urls.threatstream, user, apiKey, ...settings }),
    threatstreamSelection.parse(select),
    {
      http: {
        async send(request) {
          requests.push(request);
          const answer = answers.to?.(request) ?? null;
          if (answer instanceof Error) throw answer;
          if (answer !== null) return answer;
          const reply = await http.send(request);
          return answers.after?.(reply) ?? reply;
        },
        close: () => http.close(),
      },
      pace: { async before() {}, answered() {}, async throttled() {} },
      now: () => clock.at,
      tagPrefix: 'mdti',
    },
  );
  const { threatstream } = sandbox.tips;
  const act = (control: string, body: unknown): unknown => {
    const does = threatstream.controls?.[control];
    if (does === undefined) throw new Error(`There is no ${control}.`);
    return does(body);
  };
  const put = (some: readonly Put[]): unknown =>
    act('artifacts', { artifacts: some.map((one) => ({ type: 'domain', owner: 'foreign', ...one })) });
  put(artifacts);
  return {
    sandbox,
    store,
    http,
    requests,
    answers,
    clock,
    act,
    put,
    setFaults: (changed: typeof faults) => sandbox.setFaults({ threatstream: changed ?? {} }),
    counts: () => threatstream.counts(),
    /** Requests since the last time. */
    sent: () =>
      requests.splice(0).map(({ method, url }) => `${method} ${new URL(url).pathname.replace('/threatstream', '')}`),
    /** Names of the tags of each, by its id. */
    tags: async (ids: readonly number[]): Promise<Readonly<Record<string, readonly string[]>>> => {
      const refs = ids.map((id) => ({ remoteId: String(id), value: 'unknown', isOurs: false }));
      const found = await store.look(refs, SIGNAL);
      requests.splice(0);
      return Object.fromEntries([...found].map(([id, { marks }]) => [id, marks]));
    },
  };
}
