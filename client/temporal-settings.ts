import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { temporalAddressProblem } from './temporal-address.ts';
import { TemporalMisconfigured } from './temporal-errors.ts';
import { temporalTlsProblem } from './temporal-tls.ts';

export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  /** For a client's connection and for a worker's. */
  readonly connection: ClientConnectConfig['connectionOptions'];
}

/** Where Temporal is, as every Temporal tool takes it: TEMPORAL_* variables, and the profiles of `temporal.toml`. */
export function temporalSettings(env: NodeJS.ProcessEnv = process.env): TemporalSettings {
  const { connectionOptions, namespace } = load(env);
  const { tls } = connectionOptions;
  if (typeof tls === 'object' && tls !== null && tls.clientCertPair === undefined && hasHalfAPair(env)) {
    throw new TemporalMisconfigured(
      'A client certificate for Temporal needs its private key, and the key its certificate: set both TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or their _DATA).',
    );
  }
  const problem = temporalTlsProblem(tls);
  if (problem !== null) throw new TemporalMisconfigured(problem);
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  checkAddress(address);
  if (typeof connectionOptions.apiKey === 'string' && !/^[\x21-\x7e]*$/.test(connectionOptions.apiKey)) {
    throw new TemporalMisconfigured(
      'TEMPORAL_API_KEY (or api_key in temporal.toml) has blanks, line breaks or letters outside of ASCII in it, which no key has: copy it anew.',
    );
  }
  return { address, namespace: namespace ?? 'default', connection: { ...connectionOptions, address } };
}

/** Throws `TemporalMisconfigured` for what no server can have as its address. */
export function checkAddress(address: string): void {
  const problem = temporalAddressProblem(address);
  if (problem !== null) throw new TemporalMisconfigured(problem);
}

function load(env: NodeJS.ProcessEnv): ClientConnectConfig {
  // An empty variable is one that is not set, as Compose files have them: an empty API key would ask for TLS. And a line break at the
  // end is nobody's intention: a secret that was made by `echo` has one.
  const set = Object.entries(env)
    .map(([name, text]): [string, string] => [
      name,
      name.startsWith('TEMPORAL_') ? (text ?? '').trimEnd() : (text ?? ''),
    ])
    .filter(([, text]) => text !== '');
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  } catch (error) {
    throw new TemporalMisconfigured(problemOf(error, env), { cause: error });
  }
}

/** Half a pair in a profile shows as a missing certificate when it connects; half of one in the environment is said here. */
function hasHalfAPair(env: NodeJS.ProcessEnv): boolean {
  const has = (what: 'CERT' | 'KEY'): boolean =>
    ['PATH', 'DATA'].some((form) => (env[`TEMPORAL_TLS_CLIENT_${what}_${form}`] ?? '') !== '');
  return has('CERT') !== has('KEY');
}

/** Never the error's own text: a parser quotes the lines around a mistake, and an API key may stand there. */
function problemOf(error: unknown, env: NodeJS.ProcessEnv): string {
  if (error instanceof Error && 'code' in error && 'path' in error) {
    return `${String(error.path)}, which the settings of Temporal name, cannot be read (${String(error.code)}).`;
  }
  if (error instanceof Error && 'line' in error) {
    return `temporal.toml is not readable as TOML: the mistake is in line ${String(error.line)}.`;
  }
  const profile = env['TEMPORAL_PROFILE'];
  const file = env['TEMPORAL_CONFIG_FILE'] ?? 'temporal.toml';
  return profile === undefined
    ? `The settings of Temporal in ${file} are not understood.`
    : `There is no profile ${profile} in ${file}: TEMPORAL_PROFILE names one, and TEMPORAL_CONFIG_FILE the file.`;
}
