import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxReady, sandboxReady } from '../../client/cli/sandbox-process.ts';
import { asFetched, type Fetched } from '../sandbox/https-request.ts';
import { launch, type Running, run } from './command.ts';

let running: Running;
let sandbox: SandboxReady;
let ca: string;

beforeAll(async () => {
  const limits = ['--logs-per-30s', '1', '--graph-per-second', '1', '--tip-per-second', '1'];
  running = launch(['sandbox', '--json', '--indicators', '0', ...limits]);
  sandbox = sandboxReady.parse(JSON.parse(await running.line('stdout', /^\{/)));
  ca = await readFile(sandbox.caFile, 'utf8');
});

afterAll(() => running.stop());

/** Ten at once: more than any of the limits lets pass, however slow the machine is. */
async function statuses(request: () => Promise<Fetched>): Promise<readonly number[]> {
  return (await Promise.all(Array.from({ length: 10 }, request))).map(({ status }) => status);
}

async function tokenFor(audience: string): Promise<string> {
  const { clientId, clientSecret, tenantId } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const reply = await asFetched({ ca }, `${sandbox.urls.authority}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, scope: `${audience}/.default` }).toString(),
  });
  return `Bearer ${String(Reflect.get(Object(reply.json()), 'access_token'))}`;
}

test('the sandbox answers 429 to what goes over the limits that it was started with', async () => {
  const { urls, credentials } = sandbox;
  const apiKey = `apikey ${credentials.threatstreamUser}:${credentials.threatstreamApiKey}`;
  const toThreatStream = await statuses(() =>
    asFetched({ ca }, `${urls.threatstream}/api/v2/intelligence/`, { headers: { authorization: apiKey } }),
  );
  expect(toThreatStream).toContain(200);
  expect(toThreatStream).toContain(429);

  const forGraph = await tokenFor('https://graph.microsoft.com');
  const toGraph = await statuses(() =>
    asFetched({ ca }, `${urls.graph}/security/threatIntelligence/hosts/example.com/reputation`, {
      headers: { authorization: forGraph },
    }),
  );
  expect(toGraph.some((status) => status !== 429)).toBe(true);
  expect(toGraph).toContain(429);

  const forLogs = await tokenFor('https://api.loganalytics.io');
  const toLogs = await statuses(() =>
    asFetched({ ca }, `${urls.logs}/workspaces/${credentials.workspaceId}/query`, {
      method: 'POST',
      headers: { authorization: forLogs, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'ThreatIntelIndicators | count' }),
    }),
  );
  expect(toLogs.filter((status) => status === 200)).toHaveLength(1);
  expect(toLogs.filter((status) => status === 429)).toHaveLength(9);
});

test('a limit of nothing is no limit to start with', async () => {
  const { code, stderr } = await run(['sandbox', '--graph-per-second', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain('1 or more');
});
