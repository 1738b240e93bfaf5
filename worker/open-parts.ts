import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Parts, Pipeline } from '../activities/parts.ts';
import { type AzureCredentialSettings, createAzureCredential } from '../azure/azure-credential.ts';
import { type ExclusionLists, openExclusionLists } from '../config/exclusion-lists.ts';
import type { ResolvedProxy } from '../config/resolve-proxy.ts';
import type { ResolvedConfig, ResolvedPipeline } from '../config/resolve-secrets.ts';
import type { Since } from '../config/since.ts';
import { deploymentOf } from '../config/source-section.ts';
import type { AzureAccess } from '../destinations/destination-deps.ts';
import type { ClientCertificate, HttpClient, ReplyBound } from '../http/http-client.ts';
import type { Proxy } from '../http/proxy.ts';
import { createHttpClient } from '../http/undici-client.ts';
import { createEntryBehind, createExclusion } from '../indicators/exclusion.ts';
import { Fault } from '../indicators/fault.ts';
import { type LedgerDb, openLedger } from '../ledger/open-ledger.ts';
import { createReputationSource } from '../mdti/graph-reputation.ts';
import { ledgerPace } from '../rates/ledger-pace.ts';
import { isUrgent } from '../rates/urgency.ts';
import { createSentinelReader } from '../sentinel/logs-reader.ts';
import type { SentinelReader } from '../sentinel/sentinel-reader.ts';
import { workspaceRows } from '../sentinel/workspace-rows.ts';
import { accountRates } from './account-rates.ts';
import { ledgerSettings } from './ledger-settings.ts';
import type { Metrics } from './metrics.ts';
import { openEnriched } from './open-enriched.ts';
import { LOGS_BUDGET, openLogs } from './open-logs.ts';
import { readingTogether } from './reading-together.ts';
import { sharingOf } from './sharing.ts';

export interface OpenParts {
  readonly parts: Parts;
  readonly lists: ExclusionLists;
  readonly close: () => Promise<void>;
}

/** Connections kept to one outside API. */
const CONNECTIONS = 32;
/** A slice of the source with more is too large. */
const MAX_ROWS = 20_000;

const GRAPH_BUDGET = { budget: 'Microsoft Graph', api: 'Microsoft Graph' } as const;

export interface Given {
  /** The exclusion lists, where they have been read already. */
  readonly lists?: ExclusionLists;
  /** Without its ledger, should that die, none of the parts can go on. */
  readonly onLedgerDeath?: (fault: Fault) => void;
  /** Default: the machine's clock. */
  readonly now?: () => Date;
  /** Aborts when the process is told to end. */
  readonly stopping?: AbortSignal;
}

/** Wires the parts of a worker once, from the configuration. */
export async function openParts(config: ResolvedConfig, metrics: Metrics, given: Given = {}): Promise<OpenParts> {
  const lists = given.lists ?? (await openExclusionLists({ ...config.pipelines, ...config.enrichments }));
  const network = {
    ...(config.network.caFile === undefined ? {} : { ca: await readFile(config.network.caFile, 'utf8') }),
    ...(config.network.proxy === undefined ? {} : { proxy: proxyOf(config.network.proxy) }),
  };
  const clients: HttpClient[] = [];
  const http = (api: string, replies: ReplyBound, certificate?: ClientCertificate): HttpClient => {
    const client = createHttpClient({
      ...network,
      ...(certificate === undefined ? {} : { certificate }),
      timeoutMs: config.network.timeout,
      connections: CONNECTIONS,
      replies,
      observe: metrics.requests(api),
    });
    clients.push(client);
    return client;
  };
  const ledger = await openLedger(ledgerSettings(config.ledger, given.onLedgerDeath));
  const { now = () => new Date() } = given;
  const credential = createAzureCredential(azureSettings(config), {
    ...network,
    replies: { bytes: config.azure.maxReply, setting: 'azure.maxReply' },
    observe: metrics.requests('entra'),
  });
  const logs = openLogs(config, { credential, ledger, now, network, metrics });
  const reader = createSentinelReader(logs, MAX_ROWS);
  const azure: AzureAccess = { credential, rows: (question, signal) => workspaceRows(logs, question, signal) };
  const graph = config.mdti;
  const halveAfterMs = config.logAnalytics.halveAfter;
  const longestPauseMs = config.network.longestRetryAfter;
  const rates = accountRates([...Object.values(config.pipelines), ...Object.values(config.enrichments)]);
  const deps = {
    ledger,
    http,
    azure,
    timeoutMs: config.network.timeout,
    now,
    metrics,
    halveAfterMs,
    longestPauseMs,
    lists,
  };
  const opened = Object.entries(config.pipelines).map(([name, pipeline]) => {
    const { account, requestsPerSecond } = pipeline.destination;
    return openPipeline(name, pipeline, rates.get(account) ?? requestsPerSecond, reader, deps);
  });
  const pipelines = new Map(
    opened.map((one) => {
      const { name } = one;
      return [name, { ...one, sharing: sharingOf(name, config.pipelines), readsWith: readingTogether(one, opened) }];
    }),
  );
  const enriched = new Map(
    Object.entries(config.enrichments).map(([name, one]) => {
      const { type, title, account, requestsPerSecond } = one.destination;
      const own = { budget: account, api: title };
      const perSecond = rates.get(account) ?? requestsPerSecond;
      const limits = { perSecond, burst: 5, longestPauseMs };
      const pipeline = openEnriched(name, one, {
        http: (replies, certificate) =>
          http(type, { ...replies, setting: `pipelines.${name}.destination.maxReply` }, certificate),
        azure,
        pace: metrics.timed(type, ledgerPace(ledger, own, limits, { now, isUrgent })),
        now,
        pipeline: name,
        requestTimeoutMs: config.network.timeout,
        lists: () => lists.of(name),
        budgets: [...(one.kql === null ? [] : [LOGS_BUDGET]), GRAPH_BUDGET, own],
        perSecond,
      });
      return [name, pipeline];
    }),
  );
  const names = [...pipelines.keys(), ...enriched.keys()];
  const unknown = (name: string, kind: string): Fault =>
    new Fault(
      'Refused',
      names.includes(name)
        ? `The pipeline ${name} of the worker's configuration is not of kind ${kind}.`
        : `The worker's configuration has no pipeline ${name}; it has ${names.join(', ')}.`,
    );

  const parts: Parts = {
    ledger,
    now,
    ...(given.stopping === undefined ? {} : { stopping: given.stopping }),
    pipeline(name) {
      const pipeline = pipelines.get(name);
      if (pipeline !== undefined) return pipeline;
      throw unknown(name, 'sync');
    },
    enriched(name) {
      const pipeline = enriched.get(name);
      if (pipeline !== undefined) return pipeline;
      throw unknown(name, 'enrich');
    },
    reputations: createReputationSource(
      { endpoint: graph.endpoint, scope: graph.scope, mode: graph.lookUps, licenceFailures: graph.licenceFailures },
      {
        http: http('graph', { bytes: graph.maxReply, setting: 'mdti.maxReply' }),
        credential,
        pace: metrics.timed(
          'graph',
          ledgerPace(
            ledger,
            GRAPH_BUDGET,
            { perSecond: graph.requestsPerSecond, burst: 20, longestPauseMs },
            { now, isUrgent },
          ),
        ),
        now,
      },
    ),
    longestRetryAfterMs: longestPauseMs,
    perSecond: { logAnalytics: config.logAnalytics.per30Seconds / 30, mdti: graph.requestsPerSecond },
    reputationTtlMs: { scored: graph.ttl, none: graph.noReputationTtl },
    lookUpConcurrency: graph.concurrency,
    isUrgent,
    telemetry: metrics,
    newShipmentName: (pipeline) => `${pipeline}:${randomUUID().replaceAll('-', '').slice(0, 16)}`,
  };
  return {
    parts,
    lists,
    async close() {
      await Promise.all([credential, reader, ...clients].map((client) => client.close()));
      await ledger.destroy();
    },
  };
}

function proxyOf({ address, credentials, except }: ResolvedProxy): Proxy {
  const proxy = { address: address.reveal(), except };
  if (credentials === undefined) return proxy;
  return { ...proxy, credentials: { user: credentials.user.reveal(), password: credentials.password.reveal() } };
}

function openPipeline(
  name: string,
  { source, policy, destination, lanes, batchSize, gather }: ResolvedPipeline,
  perSecond: number,
  reader: SentinelReader,
  deps: {
    ledger: LedgerDb;
    http: (api: string, replies: ReplyBound, certificate?: ClientCertificate) => HttpClient;
    azure: AzureAccess;
    timeoutMs: number;
    now: () => Date;
    metrics: Metrics;
    halveAfterMs: number;
    lists: ExclusionLists;
    longestPauseMs: number;
  },
): Omit<Pipeline, 'sharing' | 'readsWith'> {
  const { type, title, account } = destination;
  const own = { budget: account, api: title };
  const { longestPauseMs, now } = deps;
  const limits = { perSecond, burst: 5, longestPauseMs };
  const { workspaceId, table, sourceSystems, lateness } = source;
  return {
    name,
    source: { workspaceId, table, sourceSystems, latenessMs: lateness },
    since: sinceOf(source.since),
    settleMs: source.settle,
    overlapMs: source.overlap,
    windowMs: source.window,
    sliceRows: source.sliceRows,
    halveAfterMs: deps.halveAfterMs,
    warnAfterEmptyWindows: source.warnAfterEmptyWindows,
    batchSize,
    lanes,
    gatherMs: gather,
    policy,
    retractBelow: policy.retractBelow,
    bringRefused: policy.bringRefused,
    exclude: createExclusion(policy, () => deps.lists.of(name)),
    entryBehind: createEntryBehind(() => deps.lists.of(name)),
    staleLists: () => deps.lists.stale(name),
    reader,
    budgets: [LOGS_BUDGET, GRAPH_BUDGET, own],
    destinationKind: type,
    destinationPerSecond: perSecond,
    stability: destination.stability,
    destination: destination.create({
      http: (replies, certificate) =>
        deps.http(type, { ...replies, setting: `pipelines.${name}.destination.maxReply` }, certificate),
      azure: deps.azure,
      pace: deps.metrics.timed(type, ledgerPace(deps.ledger, own, limits, { now, isUrgent })),
      now,
      deployment: deploymentOf(source),
      pipeline: name,
      tlpDefault: policy.tlpDefault,
      requestTimeoutMs: deps.timeoutMs,
    }),
  };
}

function sinceOf(since: Since): (now: Date) => Date {
  return 'at' in since ? () => since.at : (now) => new Date(now.getTime() - since.back);
}

export function azureSettings({ azure }: ResolvedConfig): AzureCredentialSettings {
  const base = {
    tenantId: azure.tenantId ?? '',
    clientId: azure.clientId ?? '',
    authorityHost: azure.authorityHost,
    instanceDiscovery: azure.instanceDiscovery,
  };
  switch (azure.credential) {
    case 'clientSecret':
      return { ...base, credential: { type: 'clientSecret', clientSecret: azure.clientSecret?.reveal() ?? '' } };
    case 'clientCertificate':
      return { ...base, credential: certificateOf(azure) };
    case 'workloadIdentity':
    case 'managedIdentity':
    case 'default':
      return { ...base, credential: { type: azure.credential } };
  }
}

function certificateOf(
  azure: ResolvedConfig['azure'],
): Extract<AzureCredentialSettings['credential'], { path: string }> {
  const path = azure.certificatePath ?? '';
  if (azure.certificatePassword === undefined) return { type: 'clientCertificate', path };
  return { type: 'clientCertificate', path, password: azure.certificatePassword.reveal() };
}
