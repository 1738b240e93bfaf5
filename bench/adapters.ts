import { readFile } from 'node:fs/promises';
import { createAzureCredential } from '../azure/azure-credential.ts';
import { openExclusionLists } from '../config/exclusion-lists.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ResolvedConfig, type ResolvedPipeline, resolveSecrets } from '../config/resolve-secrets.ts';
import type { Destination } from '../destinations/destination.ts';
import { createHttpClient } from '../http/undici-client.ts';
import { createExclusion } from '../indicators/exclusion.ts';
import { createReputationSource } from '../mdti/graph-reputation.ts';
import type { ReputationSource } from '../mdti/reputation-source.ts';
import { limitedLogs } from '../sentinel/limited-logs.ts';
import { createLogsClient } from '../sentinel/logs-client.ts';
import { createSentinelReader } from '../sentinel/logs-reader.ts';
import type { SentinelReader, SentinelSource } from '../sentinel/sentinel-reader.ts';
import { workspaceRows } from '../sentinel/workspace-rows.ts';
import type { Stack } from '../test/e2e/stack.ts';
import { azureSettings } from '../worker/open-parts.ts';
import { memoryPace } from './memory-pace.ts';
import type { Scope } from './scope.ts';

/** The product's adapters, set as its worker sets them, without ledger and Temporal. */
export interface Adapters {
  readonly pipeline: ResolvedPipeline;
  readonly source: SentinelSource;
  readonly exclude: ReturnType<typeof createExclusion>;
  readonly reader: SentinelReader;
  readonly reputations: ReputationSource;
  /** Look-up calls under way at once for one batch. */
  readonly lookUpConcurrency: number;
  readonly destination: Destination;
}

/** As the worker has them. */
const CONNECTIONS = 32;
const MAX_ROWS = 20_000;

/** By the configuration file of a stack; `lookUps` overrides how MDTI is asked. */
export async function openAdapters(
  scope: Scope,
  stack: Stack,
  lookUps?: ResolvedConfig['mdti']['lookUps'],
): Promise<Adapters> {
  const config = await configOf(stack);
  const pipeline = config.pipelines[stack.pipeline];
  if (pipeline === undefined) throw new Error('The configuration of the stack lacks its pipeline.');
  const ca = await readFile(stack.sandbox.caFile, 'utf8');
  const now = (): Date => new Date();
  const http = () => {
    const client = createHttpClient({ ca, timeoutMs: config.network.timeout, connections: CONNECTIONS });
    scope.add(() => client.close());
    return client;
  };
  const credential = createAzureCredential(azureSettings(config), { ca });
  scope.add(() => credential.close());
  const { logAnalytics, mdti } = config;
  const queriesPerSecond = logAnalytics.per30Seconds / 30;
  const client = createLogsClient(
    {
      endpoint: logAnalytics.endpoint,
      scope: logAnalytics.scope,
      serverTimeoutSeconds: logAnalytics.serverTimeout / 1_000,
      ca,
    },
    { credential, pace: memoryPace(queriesPerSecond, Math.ceil(queriesPerSecond * 5)), now },
  );
  scope.add(() => client.close());
  const logs = limitedLogs(client, logAnalytics.concurrency, () => true);
  const lists = await openExclusionLists(config.pipelines);
  return {
    pipeline,
    source: { ...pipeline.source, latenessMs: pipeline.source.lateness },
    exclude: createExclusion(pipeline.policy, () => lists.of(stack.pipeline)),
    reader: createSentinelReader(logs, MAX_ROWS),
    reputations: createReputationSource(
      { endpoint: mdti.endpoint, scope: mdti.scope, mode: lookUps ?? mdti.lookUps },
      { http: http(), credential, pace: memoryPace(mdti.requestsPerSecond, 20), now },
    ),
    lookUpConcurrency: mdti.concurrency,
    destination: pipeline.destination.create({
      http,
      azure: { credential, rows: (question, signal) => workspaceRows(logs, question, signal) },
      pace: memoryPace(pipeline.destination.requestsPerSecond, 5),
      now,
      deployment: pipeline.source.workspaceId,
      pipeline: stack.pipeline,
      tlpDefault: pipeline.policy.tlpDefault,
      requestTimeoutMs: config.network.timeout,
    }),
  };
}

async function configOf({ configFile, sandbox: { credentials } }: Stack): Promise<ResolvedConfig> {
  const env = {
    AZURE_CLIENT_SECRET: credentials.clientSecret,
    THREATSTREAM_USER: credentials.threatstreamUser,
    THREATSTREAM_API_KEY: credentials.threatstreamApiKey,
    // The ledger is in the file, and is not opened here.
    LEDGER_URL: 'none',
  };
  const loaded = await loadConfig(configFile);
  if (!loaded.ok) throw new Error('The configuration of the stack is not right.');
  const resolved = await resolveSecrets(loaded.config, env, (path) => readFile(path, 'utf8'));
  if (!resolved.ok) throw new Error(resolved.problems.join(' '));
  return resolved.config;
}
