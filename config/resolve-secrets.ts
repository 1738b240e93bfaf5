import type { ArtifactStore } from '../destinations/artifacts.ts';
import type { ArtifactDeps } from '../destinations/enrichment.ts';
import type { ChosenDestination, ReadyDestination } from '../destinations/kind.ts';
import { authoritiesProblem } from '../settings/certificate-files.ts';
import { type Env, type ReadFile, readSecret } from '../settings/read-secret.ts';
import { Secret } from '../settings/secret.ts';
import type { SecretRef } from '../settings/secret-ref.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { Config, EnrichmentConfig, PipelineConfig } from './config-schema.ts';
import { fileProblems } from './file-problems.ts';
import { DEFAULT_SERVER_USE, type ServerUse } from './ledger-section.ts';
import { type ResolvedProxy, resolveProxy } from './resolve-proxy.ts';
import { signInProblems } from './sign-in-problems.ts';
import { deploymentOf } from './source-section.ts';

export type ResolvedPipeline = Omit<PipelineConfig, 'destination'> & { readonly destination: ReadyDestination };
export type ResolvedEnrichment = Omit<EnrichmentConfig, 'destination'> & {
  readonly destination: ReadyDestination;
  readonly open: (deps: ArtifactDeps) => ArtifactStore;
};
export type ResolvedAzure = Omit<Config['azure'], 'clientSecret' | 'certificatePassword'> & {
  readonly clientSecret?: Secret;
  readonly certificatePassword?: Secret;
};
export type ResolvedLedger = { readonly path: string } | ({ readonly url: Secret } & ServerUse);

export type ResolvedNetwork = Pick<Config['network'], 'caFile' | 'timeout' | 'longestRetryAfter'> & {
  readonly proxy?: ResolvedProxy;
};

/** The configuration as the worker uses it. */
export type ResolvedConfig = Omit<Config, 'ledger' | 'azure' | 'network' | 'pipelines' | 'enrichments'> & {
  readonly network: ResolvedNetwork;
  readonly ledger: ResolvedLedger;
  readonly azure: ResolvedAzure;
  readonly pipelines: Readonly<Record<string, ResolvedPipeline>>;
  readonly enrichments: Readonly<Record<string, ResolvedEnrichment>>;
};

export type ResolvedSecrets<T = ResolvedConfig> =
  | { readonly ok: true; readonly config: T }
  /** Sentences: which setting, which variable or file, what is wrong with it. */
  | { readonly ok: false; readonly problems: readonly string[] };

const DEFAULT_LEDGER = './.mdti-sync/ledger';

/**
 * Puts the secrets in the place of their references, and looks at the certificates that the settings name. All that is missing is told at
 * once. Without a `ledger` setting, `LEDGER_URL` says where the ledger is, else it is a folder.
 */
export async function resolveSecrets(
  config: Config,
  env: Env,
  readFile: ReadFile,
  now: Date = new Date(),
): Promise<ResolvedSecrets> {
  const problems: string[] = [];
  const read = reader(env, readFile, problems);
  const ledger = await resolveLedger(config.ledger, env, read);
  const azure = await resolveAzure(config.azure, read);
  problems.push(...(await signInProblems(azure, env, readFile, now)));
  const network = await resolveNetwork(config.network, env, read, problems);
  problems.push(...(await authorityProblems(network, readFile)));
  const readyAt = async (name: string, destination: ChosenDestination, deployment: string) => {
    const refs = new Map<SecretRef, Secret>();
    for (const { path, ref } of destination.secrets) {
      refs.set(ref, await read(`pipelines.${name}.destination.${path}`, ref));
    }
    const secrets: Secrets = (ref) => refs.get(ref) ?? new Secret('');
    const ready = destination.ready(secrets, deployment);
    for (const { setting, path, problem } of ready.files) {
      const at = `pipelines.${name}.destination.${setting}`;
      problems.push(...(await fileProblems(at, path, readFile, (text) => problem(text, now))));
    }
    return { secrets, ready };
  };
  const pipelines: Record<string, ResolvedPipeline> = {};
  for (const [name, pipeline] of Object.entries(config.pipelines)) {
    const { ready } = await readyAt(name, pipeline.destination, deploymentOf(pipeline.source));
    pipelines[name] = { ...pipeline, destination: ready };
  }
  const enrichments: Record<string, ResolvedEnrichment> = {};
  for (const [name, pipeline] of Object.entries(config.enrichments)) {
    const { secrets, ready } = await readyAt(name, pipeline.destination, name);
    const open = (deps: ArtifactDeps): ArtifactStore => pipeline.selection.open(secrets, deps);
    enrichments[name] = { ...pipeline, destination: ready, open };
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { ...config, ledger, azure, network, pipelines, enrichments } };
}

/** The ledger's part alone, for those who have no other secret. */
export async function resolveLedgerSecret(
  config: Config,
  env: Env,
  readFile: ReadFile,
): Promise<ResolvedSecrets<ResolvedLedger>> {
  const problems: string[] = [];
  const ledger = await resolveLedger(config.ledger, env, reader(env, readFile, problems));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: ledger };
}

type Read = (path: string, ref: SecretRef) => Promise<Secret>;

function reader(env: Env, readFile: ReadFile, problems: string[]): Read {
  return async (path, ref) => {
    const found = await readSecret(ref, { env, readFile });
    if (!found.ok) problems.push(`${path}: ${found.problem}`);
    return new Secret(found.ok ? found.text : '');
  };
}

async function resolveLedger(place: Config['ledger'], env: Env, read: Read): Promise<ResolvedLedger> {
  if (place !== undefined) return 'path' in place ? place : { ...place, url: await read('ledger.url', place.url) };
  if ((env['LEDGER_URL'] ?? '') === '') return { path: DEFAULT_LEDGER };
  return { ...DEFAULT_SERVER_USE, url: await read('ledger', { env: 'LEDGER_URL', use: 'text' }) };
}

async function resolveAzure(
  { clientSecret, certificatePassword, ...azure }: Config['azure'],
  read: Read,
): Promise<ResolvedAzure> {
  return {
    ...azure,
    ...(clientSecret && { clientSecret: await read('azure.clientSecret', clientSecret) }),
    ...(certificatePassword && { certificatePassword: await read('azure.certificatePassword', certificatePassword) }),
  };
}

async function resolveNetwork(
  network: Config['network'],
  env: Env,
  read: Read,
  problems: string[],
): Promise<ResolvedNetwork> {
  const { caFile, timeout, longestRetryAfter, proxyUser, proxyPassword } = network;
  const credentials = proxyUser &&
    proxyPassword && {
      user: await read('network.proxyUser', proxyUser),
      password: await read('network.proxyPassword', proxyPassword),
    };
  const resolved = resolveProxy(network, credentials, env);
  if (!resolved.ok) problems.push(resolved.problem);
  const proxy = resolved.ok ? resolved.proxy : undefined;
  return {
    timeout,
    longestRetryAfter,
    ...(caFile === undefined ? {} : { caFile }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

async function authorityProblems({ caFile }: ResolvedNetwork, readFile: ReadFile): Promise<readonly string[]> {
  return caFile === undefined ? [] : fileProblems('network.caFile', caFile, readFile, authoritiesProblem);
}
