import { stringify } from 'yaml';
import { oneWindow } from './one-window.ts';
import type { SandboxReady } from './sandbox-process.ts';

/** The demo's one pipeline. */
export const DEMO_PIPELINE = 'threatstream';

/** The configuration of the demo as a user would write it: every address is the sandbox's, every secret a reference. */
export function demoConfig(sandbox: SandboxReady, ledgerPath: string, minimumScore: number): string {
  const { urls, credentials } = sandbox;
  return stringify({
    ledger: { path: ledgerPath },
    azure: {
      tenantId: credentials.tenantId,
      clientId: credentials.clientId,
      credential: 'clientSecret',
      clientSecret: { env: 'AZURE_CLIENT_SECRET' },
      authorityHost: urls.authority,
      instanceDiscovery: false,
    },
    // It answers at once, and passes nothing on later: what is cut off is soon sent again.
    network: { caFile: sandbox.caFile, timeout: '20s' },
    logAnalytics: { endpoint: urls.logs },
    // The sandbox has no limits of its own: nothing slows the demo but the machine.
    mdti: { endpoint: urls.graph, requestsPerSecond: 100_000 },
    pipelines: {
      [DEMO_PIPELINE]: {
        schedule: { every: '15m', catchUp: '10s' },
        source: { workspaceId: credentials.workspaceId, settle: '1s', since: '3h', window: oneWindow(new Date()) },
        policy: { minimumScore },
        destination: {
          type: 'threatstream',
          baseUrl: urls.threatstream,
          user: { env: 'THREATSTREAM_USER' },
          apiKey: { env: 'THREATSTREAM_API_KEY' },
          approval: 'required',
          requestsPerSecond: 100_000,
          confirmPoll: '200ms',
          lostAckGrace: '10s',
        },
      },
    },
  });
}

/** What the configuration's references stand for. */
export function demoSecrets({ credentials }: SandboxReady): Readonly<Record<string, string>> {
  return {
    AZURE_CLIENT_SECRET: credentials.clientSecret,
    THREATSTREAM_USER: credentials.threatstreamUser,
    THREATSTREAM_API_KEY: credentials.threatstreamApiKey,
  };
}
