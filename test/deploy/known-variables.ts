/** Our own variables, and those of Temporal that the SDK's `envconfig` and the worker read. */
const KNOWN: readonly RegExp[] = [
  /^MDTI_SYNC_(CONFIG|METRICS_LISTEN|HEALTH_LISTEN|SHUTDOWN_GRACE)$/,
  /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY|CONFIG_FILE|PROFILE)$/,
  /^TEMPORAL_TLS(_(CLIENT_CERT|CLIENT_KEY|SERVER_CA_CERT)_(PATH|DATA)|_SERVER_NAME)?$/,
  /^TEMPORAL_WORKER_(DEPLOYMENT_NAME|BUILD_ID)$/,
  /^(LEDGER_URL|NODE_ENV|NODE_EXTRA_CA_CERTS)$/,
];

export function isKnownVariable(name: string): boolean {
  return KNOWN.some((known) => known.test(name));
}
