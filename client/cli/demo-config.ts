import { stringify } from 'yaml';
import type { KINDS } from '../../destinations/kinds.ts';
import { oneWindow } from './one-window.ts';
import type { SandboxReady } from './sandbox-process.ts';

export type DemoKind = (typeof KINDS)[number];

/** What the demo is told: where it delivers to, from which score on, and where it keeps what. */
export interface DemoChoice {
  readonly kind: DemoKind;
  readonly minimumScore: number;
  readonly ledgerPath: string;
  /** Of the destination, where it has files. */
  readonly folder: string;
  /** What it holds is enriched, and nothing delivered. */
  readonly enrich?: boolean;
}

/** The configuration of the demo as a user would write it: every address is the sandbox's, every secret a reference. */
export function demoConfig(sandbox: SandboxReady, choice: DemoChoice): string {
  const { urls, credentials } = sandbox;
  return stringify({
    ledger: { path: choice.ledgerPath },
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
      [choice.kind.type]: {
        schedule: { every: '15m', catchUp: '10s' },
        ...(choice.enrich === true
          ? { kind: 'enrich' }
          : {
              source: {
                workspaceId: credentials.workspaceId,
                settle: '1s',
                since: '3h',
                window: oneWindow(new Date()),
              },
            }),
        policy: { minimumScore: choice.minimumScore },
        destination: ofKind(sandbox, choice).destination,
      },
    },
  });
}

/** What the configuration's references stand for. */
export function demoSecrets(sandbox: SandboxReady, choice: DemoChoice): Readonly<Record<string, string>> {
  return { AZURE_CLIENT_SECRET: sandbox.credentials.clientSecret, ...ofKind(sandbox, choice).env };
}

function ofKind({ tips }: SandboxReady, { kind, folder }: DemoChoice) {
  const { url, credentials } = tips[kind.type] ?? { url: '', credentials: {} };
  return kind.demo({ url, credentials, folder });
}
