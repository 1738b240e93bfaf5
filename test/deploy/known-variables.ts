import { configOption } from '../../client/cli/config-option.ts';
import { WORKER_OPTIONS } from '../../client/cli/worker-options.ts';

const OURS: ReadonlySet<string | undefined> = new Set([configOption(), ...WORKER_OPTIONS].map(({ envVar }) => envVar));

/** Those of others that the process reads: the SDK's `envconfig`, the worker's versioning, the ledger, Node.js. */
const KNOWN: readonly RegExp[] = [
  /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY|CONFIG_FILE|PROFILE)$/,
  /^TEMPORAL_TLS(_(CLIENT_CERT|CLIENT_KEY|SERVER_CA_CERT)_(PATH|DATA)|_SERVER_NAME)?$/,
  /^TEMPORAL_WORKER_(DEPLOYMENT_NAME|BUILD_ID)$/,
  /^(LEDGER_URL|NODE_ENV|NODE_EXTRA_CA_CERTS)$/,
];

export function isKnownVariable(name: string): boolean {
  return OURS.has(name) || KNOWN.some((known) => known.test(name));
}
