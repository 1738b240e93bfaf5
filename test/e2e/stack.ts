import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type SandboxReady, sandboxReady } from '../../client/cli/sandbox-process.ts';
import { connectTemporal, type Temporal } from '../../client/connect.ts';
import { deleteSchedule } from '../../client/schedules.ts';
import { registerSearchAttributes } from '../../client/search-attributes.ts';
import type { DemoSettings } from '../../destinations/kind.ts';
import { KINDS } from '../../destinations/kinds.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { type LedgerDb, openLedger } from '../../ledger/open-ledger.ts';
import { type Finished, launch, type Running, run } from './command.ts';

/** A deep part of a configuration, laid over the stack's own. */
type Patch = { readonly [key: string]: unknown };

export interface StackOptions {
  /** Where Temporal is. */
  readonly address: string;
  /** An empty database of a PostgreSQL. Default: an embedded ledger. */
  readonly ledgerUrl?: string;
  readonly sandbox?: readonly string[];
  readonly logAnalytics?: Patch;
  readonly mdti?: Patch;
  /** Over the pipeline's own settings. */
  readonly settings?: Patch;
  readonly source?: Patch;
  readonly policy?: Patch;
  readonly destination?: Patch;
  /** Of the destination. Default: ThreatStream. */
  readonly kind?: string;
  /** The pipeline enriches what its destination holds, with these settings over its own. */
  readonly enrich?: Patch;
  /** Further pipelines, with the same settings but for their destination; by what is put behind the pipeline's name. */
  readonly beside?: Readonly<Record<string, Beside>>;
  /** Certificate authorities that are trusted beside the sandbox's, as PEM. */
  readonly trusted?: readonly string[];
  /** Over the whole file. */
  readonly config?: Patch;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Beside {
  readonly kind: string;
  /** Over what the demo has. */
  readonly destination?: Patch;
}

export interface Stack {
  readonly pipeline: string;
  /** All of them, that one first. */
  readonly pipelines: readonly string[];
  readonly folder: string;
  readonly configFile: string;
  readonly sandbox: SandboxReady;
  readonly sandboxProcess: Running;
  /** What the configuration's references to secrets stand for. */
  readonly secrets: readonly string[];
  readonly temporal: Temporal;
  /** Runs a command against this stack. */
  readonly command: (...args: string[]) => Promise<Finished>;
  /** With options of Node.js and variables of its own, if there are any. */
  readonly startWorker: (nodeArgs?: readonly string[], own?: Readonly<Record<string, string>>) => Promise<Running>;
  /** Opens the ledger; an embedded one only while no worker has it. */
  readonly openLedger: () => Promise<LedgerDb>;
  /** Runs a pipeline once, with `--json`, and gives the last line. Default: the first */
  readonly sync: (pipeline?: string) => Promise<Record<string, unknown>>;
  /** Talks to the sandbox's control: GET without a body. */
  readonly control: (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** The product as a user has it: sandbox, worker and command line as processes of their own, on a real Temporal server. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync e2e '));
  const pipeline = `p${randomUUID().slice(0, 8)}`;
  const { address, ledgerUrl } = options;
  const ledger = ledgerUrl === undefined ? { path: join(folder, 'ledger') } : { url: ledgerUrl };
  const urlFile = join(folder, 'ledger-url');
  if (ledgerUrl !== undefined) await writeFile(urlFile, ledgerUrl);
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const sandboxProcess = launch(['sandbox', '--json', ...(options.sandbox ?? ['--indicators', '200'])]);
  closers.unshift(() => sandboxProcess.stop());
  const sandbox = sandboxReady.parse(JSON.parse(await sandboxProcess.line('stdout', /^\{/)));
  const http = createHttpClient({ ca: await readFile(sandbox.caFile, 'utf8'), timeoutMs: 60_000, connections: 2 });
  closers.unshift(() => http.close());
  const temporal = await connectTemporal({ address });
  closers.unshift(() => temporal.close());

  const configFile = join(folder, 'mdti-sync.yaml');
  const caFile = join(folder, 'authorities.pem');
  await writeFile(caFile, [await readFile(sandbox.caFile, 'utf8'), ...(options.trusted ?? [])].join('\n'));
  const ofKind = options.kind === undefined ? null : demoOf(options.kind, sandbox, folder);
  const ledgerPlace = 'path' in ledger ? ledger : { url: { file: urlFile } };
  const besides = Object.entries(options.beside ?? {}).map(([name, { kind, destination }]) => {
    const settings = demoOf(kind, sandbox, folder);
    return { name, destination: { ...settings.destination, ...destination }, env: settings.env };
  });
  const config = configOf({ ...sandbox, caFile }, pipeline, ledgerPlace, { ofKind, besides }, options);
  await writeFile(configFile, stringify(config));
  const pipelines = Object.keys(config.pipelines);
  const secrets = {
    AZURE_CLIENT_SECRET: sandbox.credentials.clientSecret,
    THREATSTREAM_USER: sandbox.credentials.threatstreamUser,
    THREATSTREAM_API_KEY: sandbox.credentials.threatstreamApiKey,
    ...ofKind?.env,
    ...Object.fromEntries(besides.flatMap((one) => Object.entries(one.env))),
  };
  const env = {
    TEMPORAL_ADDRESS: address,
    MDTI_SYNC_CONFIG: configFile,
    MDTI_SYNC_TASK_QUEUE: `queue of ${pipeline}`,
    ...secrets,
    ...options.env,
  };
  const command = (...args: string[]): Promise<Finished> => run(args, { env, cwd: folder });
  await registerSearchAttributes(temporal);
  const applied = await command('schedule', 'apply');
  if (applied.code !== 0) throw new Error(applied.stderr);
  // A test may have deleted it itself.
  for (const name of pipelines) closers.unshift(() => deleteSchedule(temporal, name).catch(() => undefined));

  return {
    pipeline,
    pipelines,
    folder,
    configFile,
    sandbox,
    sandboxProcess,
    secrets: Object.values(secrets),
    temporal,
    command,
    async startWorker(nodeArgs = [], own = {}) {
      const worker = launch(['worker', '--log-level', 'warn'], { env: { ...env, ...own }, cwd: folder, nodeArgs });
      closers.unshift(() => worker.stop());
      await worker.line('stderr', /The worker polls/);
      return worker;
    },
    openLedger: () => openLedger(ledger),
    async sync(of = pipeline) {
      const finished = await command('sync', '--pipeline', of, '--json');
      if (finished.code !== 0) throw new Error(`exit code ${finished.code}: ${finished.stderr}`);
      return lastLine(finished);
    },
    control: (method, path, body) => control(http, `${sandbox.urls.control}${path}`, method, body),
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** The JSON object that a command with `--json` ends its standard output with. */
export function lastLine({ stdout }: Finished): Record<string, unknown> {
  const parsed: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`not an object: ${stdout}`);
  return { ...parsed };
}

async function control(http: HttpClient, url: string, method: 'GET' | 'PUT' | 'POST', body: unknown): Promise<unknown> {
  const reply = await http.send({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  if (reply.status >= 300) throw new Error(`${method} ${url}: ${reply.status} ${reply.text}`);
  return reply.text === '' ? null : JSON.parse(reply.text);
}

/** As the demo has it. */
function demoOf(kind: string, { tips }: SandboxReady, folder: string): DemoSettings {
  const found = KINDS.find(({ type }) => type === kind);
  if (found === undefined) throw new Error(`There is no destination of kind ${kind}.`);
  const { url, credentials } = tips[kind] ?? { url: '', credentials: {} };
  return found.demo({ url, credentials, folder: join(folder, 'files') });
}

function configOf(
  sandbox: SandboxReady,
  pipeline: string,
  ledger: Patch,
  kinds: {
    readonly ofKind: DemoSettings | null;
    readonly besides: readonly { readonly name: string; readonly destination: Patch }[];
  },
  options: StackOptions,
) {
  const { urls, credentials } = sandbox;
  const settings = {
    // Runs are triggered by the tests.
    schedule: { every: '30d', catchUp: '10s' },
    ...(options.enrich === undefined
      ? { source: { workspaceId: credentials.workspaceId, settle: '0s', overlap: '0s', ...options.source } }
      : { kind: 'enrich', ...options.enrich }),
    policy: { minimumScore: 50, ...options.policy },
  };
  const besides = kinds.besides.map((one) => [
    `${pipeline}-${one.name}`,
    { ...settings, destination: one.destination, ...options.settings },
  ]);
  return {
    temporal: { taskQueue: `queue of ${pipeline}` },
    ledger,
    azure: {
      tenantId: credentials.tenantId,
      clientId: credentials.clientId,
      credential: 'clientSecret',
      clientSecret: { env: 'AZURE_CLIENT_SECRET' },
      authorityHost: urls.authority,
      instanceDiscovery: false,
    },
    // The sandbox answers at once: what it has not answered by then will not come any more.
    network: { caFile: sandbox.caFile, timeout: '20s' },
    logAnalytics: { endpoint: urls.logs, per30Seconds: 10_000, halveAfter: '1s', ...options.logAnalytics },
    mdti: { endpoint: urls.graph, requestsPerSecond: 100_000, ...options.mdti },
    pipelines: {
      [pipeline]: {
        ...settings,
        destination: {
          ...(kinds.ofKind?.destination ?? {
            type: 'threatstream',
            baseUrl: urls.threatstream,
            user: { env: 'THREATSTREAM_USER' },
            apiKey: { env: 'THREATSTREAM_API_KEY' },
            requestsPerSecond: 100_000,
            confirmPoll: '100ms',
            lostAckGrace: '2s',
          }),
          ...options.destination,
        },
        ...options.settings,
      },
      ...Object.fromEntries(besides),
    },
    ...options.config,
  };
}
