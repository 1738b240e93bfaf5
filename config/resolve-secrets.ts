import type { Config, PipelineConfig } from './config-schema.ts';
import { DEFAULT_SERVER_USE, type ServerUse } from './ledger-section.ts';
import { Secret } from './secret.ts';
import type { SecretRef } from './secret-ref.ts';

/** A destination with its secrets in place of the references. */
export type ResolvedDestination = Omit<PipelineConfig['destination'], 'user' | 'apiKey'> & {
  readonly user: Secret;
  readonly apiKey: Secret;
};
export type ResolvedPipeline = Omit<PipelineConfig, 'destination'> & { readonly destination: ResolvedDestination };
export type ResolvedAzure = Omit<Config['azure'], 'clientSecret' | 'certificatePassword'> & {
  readonly clientSecret?: Secret;
  readonly certificatePassword?: Secret;
};
export type ResolvedLedger = { readonly path: string } | ({ readonly url: Secret } & ServerUse);

/** The configuration as the worker uses it. */
export type ResolvedConfig = Omit<Config, 'ledger' | 'azure' | 'pipelines'> & {
  readonly ledger: ResolvedLedger;
  readonly azure: ResolvedAzure;
  readonly pipelines: Readonly<Record<string, ResolvedPipeline>>;
};

export type ResolvedSecrets<T = ResolvedConfig> =
  | { readonly ok: true; readonly config: T }
  /** Sentences: which setting, which variable or file, what is wrong with it. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;
/** Gives a file's text. */
type ReadFile = (path: string) => Promise<string>;

const DEFAULT_LEDGER = './.mdti-sync/ledger';

/**
 * Puts the secrets in the place of their references. All that is missing is told at once. Without a `ledger` setting,
 * `LEDGER_URL` says where the ledger is, else it is a folder.
 */
export async function resolveSecrets(config: Config, env: Env, readFile: ReadFile): Promise<ResolvedSecrets> {
  const problems: string[] = [];
  const read = reader(env, readFile, problems);
  const ledger = await resolveLedger(config.ledger, env, read);
  const { clientSecret, certificatePassword, ...azure } = config.azure;
  const resolvedAzure: ResolvedAzure = {
    ...azure,
    ...(clientSecret && { clientSecret: await read('azure.clientSecret', clientSecret) }),
    ...(certificatePassword && { certificatePassword: await read('azure.certificatePassword', certificatePassword) }),
  };
  const pipelines: Record<string, ResolvedPipeline> = {};
  for (const [name, pipeline] of Object.entries(config.pipelines)) {
    const at = `pipelines.${name}.destination`;
    const user = await read(`${at}.user`, pipeline.destination.user);
    const apiKey = await read(`${at}.apiKey`, pipeline.destination.apiKey);
    pipelines[name] = { ...pipeline, destination: { ...pipeline.destination, user, apiKey } };
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { ...config, ledger, azure: resolvedAzure, pipelines } };
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
    const found = 'env' in ref ? fromEnv(env, ref.env) : await fromFile(readFile, ref.file);
    if (!found.ok) problems.push(`${path}: ${found.problem}`);
    return new Secret(found.ok ? found.text : '');
  };
}

async function resolveLedger(place: Config['ledger'], env: Env, read: Read): Promise<ResolvedLedger> {
  if (place !== undefined) return 'path' in place ? place : { ...place, url: await read('ledger.url', place.url) };
  const url = env['LEDGER_URL'];
  return url === undefined || url === '' ? { path: DEFAULT_LEDGER } : { ...DEFAULT_SERVER_USE, url: new Secret(url) };
}

type Found = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

function fromEnv(env: Env, name: string): Found {
  const text = env[name];
  if (text === undefined)
    return { ok: false, problem: `the environment variable ${name} is not set. Set it and try again.` };
  if (text.trim() === '')
    return { ok: false, problem: `the environment variable ${name} is empty. Put the secret there.` };
  return { ok: true, text };
}

async function fromFile(readFile: ReadFile, path: string): Promise<Found> {
  try {
    const text = (await readFile(path)).replace(/\r?\n$/, '');
    return text.trim() === ''
      ? { ok: false, problem: `the file ${path} is empty. Put the secret there.` }
      : { ok: true, text };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return {
      ok: false,
      problem: `the file ${path} cannot be read (${why}). See that it exists and that this user may read it.`,
    };
  }
}
