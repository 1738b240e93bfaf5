import type { Config, PipelineConfig } from './config-schema.ts';
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
export type ResolvedLedger = { readonly path: string } | { readonly url: Secret };

/** The configuration as the worker uses it. */
export type ResolvedConfig = Omit<Config, 'ledger' | 'azure' | 'pipelines'> & {
  readonly ledger: ResolvedLedger;
  readonly azure: ResolvedAzure;
  readonly pipelines: Readonly<Record<string, ResolvedPipeline>>;
};

export type ResolvedSecrets =
  | { readonly ok: true; readonly config: ResolvedConfig }
  /** Sentences: which setting, which variable or file, what is wrong with it. */
  | { readonly ok: false; readonly problems: readonly string[] };

const DEFAULT_LEDGER = './.mdti-sync/ledger';

/**
 * Puts the secrets in the place of their references. `readFile` gives a file's text. All that is missing is told at once.
 * Without a `ledger` setting, `LEDGER_URL` says where the ledger is, else it is a folder.
 */
export async function resolveSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => Promise<string>,
): Promise<ResolvedSecrets> {
  const problems: string[] = [];
  const read = async (path: string, ref: SecretRef): Promise<Secret> => {
    const found = 'env' in ref ? fromEnv(env, ref.env) : await fromFile(readFile, ref.file);
    if (!found.ok) problems.push(`${path}: ${found.problem}`);
    return new Secret(found.ok ? found.text : '');
  };
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

async function resolveLedger(
  place: Config['ledger'],
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string, ref: SecretRef) => Promise<Secret>,
): Promise<ResolvedLedger> {
  if (place !== undefined) return 'path' in place ? place : { url: await read('ledger.url', place.url) };
  const url = env['LEDGER_URL'];
  return url === undefined || url === '' ? { path: DEFAULT_LEDGER } : { url: new Secret(url) };
}

type Found = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

function fromEnv(env: Readonly<Record<string, string | undefined>>, name: string): Found {
  const text = env[name];
  if (text === undefined)
    return { ok: false, problem: `the environment variable ${name} is not set. Set it and try again.` };
  if (text.trim() === '')
    return { ok: false, problem: `the environment variable ${name} is empty. Put the secret there.` };
  return { ok: true, text };
}

async function fromFile(readFile: (path: string) => Promise<string>, path: string): Promise<Found> {
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
