import { Tokens } from '../../sandbox/entra/tokens.ts';
import { createLogsApi } from '../../sandbox/logs/logs-api.ts';
import { logsFaults } from '../../sandbox/logs/logs-faults.ts';
import { LOGS_LIMITS } from '../../sandbox/logs/logs-limits.ts';
import type { SentinelUploadFaults } from '../../sandbox/sentinel-upload/sentinel-upload-faults.ts';
import { SENTINEL_UPLOAD_STAND_IN } from '../../sandbox/sentinel-upload/sentinel-upload-stand-in.ts';
import type { Given } from '../../sandbox/stand-in.ts';
import { asFetched, type Fetched } from './https-request.ts';
import { request, serveTip } from './tip-server.ts';

const { subscriptionId, resourceGroup, workspaceName } = SENTINEL_UPLOAD_STAND_IN.credentials;
export const { workspaceId } = SENTINEL_UPLOAD_STAND_IN.credentials;

/** The workspace that is read in the same place. */
const SOURCE = '00000000-5a4d-b0c5-0000-000000000003';
const ACTION = 'threat-intelligence-stix-objects:upload';
export const UPLOAD = `/workspaces/${workspaceId}/${ACTION}?api-version=2024-02-01-preview`;
export const BASE = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}/providers/Microsoft.SecurityInsights/threatIntelligence/main`;

const NOW = Date.parse('2026-11-30T10:00:00.000Z');

/** A clock that goes only when it is told to. */
class Clock {
  #at = NOW;
  readonly now = (): Date => new Date(this.#at);
  pass(ms: number): void {
    this.#at += ms;
  }
}

/** The stand-in, and beside it the query API that shows what it wrote. */
export async function serveUpload(
  faults: Partial<SentinelUploadFaults> = {},
  more: Partial<Given<SentinelUploadFaults>> = {},
) {
  const clock = new Clock();
  const entra = { withoutPermission: new Array<string>(), era: 0 };
  const tokens = new Tokens(() => entra);
  const checkToken = tokens.check.bind(tokens);
  const server = await serveTip(SENTINEL_UPLOAD_STAND_IN, faults, {
    given: { now: clock.now, checkToken, ...more },
    beside: ({ workspace }) => [
      {
        prefix: '/logs',
        latencyMs: 0,
        api: createLogsApi({
          workspaceId: SOURCE,
          tables: workspace.tables.map(({ schema }) => ({ schema, segments: () => [] })),
          others: [workspace],
          limits: LOGS_LIMITS,
          latencyMs: 0,
          checkToken,
          faults: () => logsFaults.parse({}),
          now: clock.now,
        }),
      },
    ],
  });
  const { origin } = new URL(server.url);
  const authorization = (audience: string): string => `Bearer ${tokens.issue(audience, 3_600)}`;

  return {
    ...server,
    clock,
    entra,
    tokens,
    authorization,
    send(body: string, { path = UPLOAD, ...headers }: Record<string, string> = {}): Promise<Fetched> {
      const authorized = { authorization: authorization('https://management.azure.com'), ...headers };
      return request(server, {
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...authorized },
        body,
      });
    },
    upload(stixobjects: readonly unknown[], sourcesystem = 'mdti-sync'): Promise<Fetched> {
      return this.send(JSON.stringify({ sourcesystem, stixobjects }));
    },
    manage(method: 'DELETE' | 'POST', path: string, body = ''): Promise<Fetched> {
      const headers = { authorization: authorization('https://management.azure.com') };
      return request(server, { method, path, headers, body });
    },
    async rows(query: string, workspace: string = workspaceId): Promise<readonly unknown[][]> {
      const reply = await asFetched(server, `${origin}/logs/v1/workspaces/${workspace}/query`, {
        method: 'POST',
        headers: { authorization: authorization('https://api.loganalytics.io'), 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      if (reply.status !== 200) throw new Error(`The query ended as ${reply.status}: ${reply.text}`);
      return Reflect.get(Object(Reflect.get(Object(reply.json()), 'tables')?.[0]), 'rows');
    },
  };
}

export type UploadServer = Awaited<ReturnType<typeof serveUpload>>;

let made = 0;

/** An indicator of one address, unless it is said otherwise; with an id of its own. */
export function indicator(value: string, properties: Readonly<Record<string, unknown>> = {}) {
  made += 1;
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    created: '2026-11-01T00:00:00.000Z',
    modified: '2026-11-01T00:00:00.000Z',
    pattern: `[ipv4-addr:value = '${value}']`,
    pattern_type: 'stix',
    valid_from: '2026-11-01T00:00:00.000Z',
    valid_until: '2027-01-01T00:00:00.000Z',
    ...properties,
  };
}
