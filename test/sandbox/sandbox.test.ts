import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { SandboxOptions } from '../../sandbox/sandbox-options.ts';
import { asFetched } from './https-request.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await sandbox.close();
    open = false;
  };
  cleanUps.push(close);
  return { ...sandbox, close };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mdti-sync-state-'));
  cleanUps.push(() => rm(path, { recursive: true }));
  return path;
}

async function control(
  sandbox: Sandbox,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const reply = await asFetched(sandbox, `${sandbox.urls.control}/${path}`, init);
  return { status: reply.status, json: reply.json() };
}

/** The rows of the workspace by a query over the wire: `summarize count()` by whatever is asked. */
async function query(sandbox: Sandbox, text: string): Promise<unknown> {
  const { urls, credentials } = sandbox;
  const form = {
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    scope: 'https://api.loganalytics.io/.default',
  };
  const token = await asFetched(sandbox, `${urls.authority}/${credentials.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
  });
  const authorization = `Bearer ${String(Reflect.get(Object(token.json()), 'access_token'))}`;
  const reply = await asFetched(sandbox, `${urls.logs}/workspaces/${credentials.workspaceId}/query`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  return Reflect.get(Object(Reflect.get(Object(reply.json()), 'tables')?.[0]), 'rows');
}

test('the certificate is for this machine alone, and its authority is in a file while it runs', async () => {
  const sandbox = await start({ indicators: 0 });
  expect(await readFile(sandbox.caFile, 'utf8')).toBe(sandbox.ca);
  expect(new X509Certificate(sandbox.ca).ca).toBe(true);
  await sandbox.close();
  await expect(stat(sandbox.caFile)).rejects.toThrow('ENOENT');
});

test('reached from another machine by a name, it says that name in its addresses and its certificate', async () => {
  const sandbox = await start({ indicators: 0, listen: '127.0.0.2', name: 'sandbox.example' });
  expect(new URL(sandbox.urls.authority).hostname).toBe('sandbox.example');
  const at = { address: '127.0.0.2', servername: 'sandbox.example' };
  const named = await asFetched(sandbox, `${sandbox.urls.control}/counts`, {}, at);
  expect(named.status).toBe(200);
  const other = asFetched(sandbox, `${sandbox.urls.control}/counts`, {}, { ...at, servername: 'other.example' });
  await expect(other).rejects.toThrow(/altnames/);
});

test('who does not trust the authority does not connect', async () => {
  const sandbox = await start({ indicators: 0 });
  const other = await start({ indicators: 0 });
  await expect(asFetched(other, `${sandbox.urls.control}/counts`)).rejects.toThrow(/certificate/);
});

test('counts are kept apart by API, over the wire as in the process', async () => {
  const sandbox = await start({ indicators: 93 });
  await query(sandbox, 'ThreatIntelIndicators | project Id');
  expect(await control(sandbox, 'GET', 'counts')).toEqual({ status: 200, json: sandbox.counts() });
  expect(sandbox.counts()).toMatchObject({
    requests: { entra: 1, logs: 1, graph: 0, graphInner: 0, threatstream: 0 },
    throttled: { entra: 0, logs: 0, graph: 0, graphInner: 0, threatstream: 0 },
    rowsServed: 100,
    lookUps: 0,
    tips: { threatstream: { holds: 0, duplicates: 0, updates: 0, withdrawn: 0, sessions: 0 } },
  });
});

test('every stand-in is reached under its address', async () => {
  const { credentials, ...sandbox } = await start({ indicators: 0 });
  const graph = await asFetched(
    sandbox,
    `${sandbox.urls.graph}/security/threatIntelligence/hosts/example.com/reputation`,
  );
  expect(graph.status).toBe(401);
  const threatstream = await asFetched(sandbox, `${sandbox.urls.threatstream}/api/v2/intelligence/`, {
    headers: { authorization: `apikey ${credentials.threatstreamUser}:${credentials.threatstreamApiKey}` },
  });
  expect(threatstream.status).toBe(200);
  expect(sandbox.counts().requests).toMatchObject({ graph: 1, threatstream: 1 });
  const nowhere = await asFetched(sandbox, `${sandbox.urls.control}/nowhere`);
  expect(nowhere.status).toBe(404);
});

test('faults are set while it runs, one without touching the others', async () => {
  const sandbox = await start({ indicators: 0, faults: { logs: { partialOverRows: 7 } } });
  const { json } = Object(await control(sandbox, 'PUT', 'faults', { graph: { licence: true } }));
  expect(json).toMatchObject({ logs: { partialOverRows: 7 }, graph: { licence: true, noBatch: false } });
  expect(await control(sandbox, 'PUT', 'faults', { logs: { partialOverRow: 7 } })).toMatchObject({ status: 400 });
  expect(sandbox.faults()).toEqual(json);
});

test('a reputation is changed while it runs, and told without a look-up', async () => {
  const sandbox = await start({ indicators: 0 });
  const hosts = ['a.example', 'b.example'];
  const before = Object(await control(sandbox, 'POST', 'graph/reputation', { hosts })).json;
  const reputations = { 'a.example': { score: 77, classification: 'malicious' } };
  expect(await control(sandbox, 'PUT', 'faults', { graph: { reputations } })).toMatchObject({ status: 200 });
  expect(await control(sandbox, 'POST', 'graph/reputation', { hosts })).toEqual({
    status: 200,
    json: { ...before, ...reputations },
  });
  expect(await control(sandbox, 'PUT', 'faults', { graph: { reputations: { x: { score: 101 } } } })).toMatchObject({
    status: 400,
  });
  expect(sandbox.counts()).toMatchObject({ lookUps: 0, lookedUpAgain: 0 });
});

test('an analyst decides over the wire as in the process', async () => {
  const sandbox = await start({ indicators: 0 });
  expect(await control(sandbox, 'POST', 'tips/threatstream/review', { decision: 'approve' })).toEqual({
    status: 200,
    json: { sessions: 0 },
  });
  expect(await control(sandbox, 'POST', 'tips/threatstream/review', { decision: 'ponder' })).toMatchObject({
    status: 400,
  });
  expect(
    await control(sandbox, 'POST', 'tips/threatstream/review', { session: 7, decision: 'exclude', values: ['x'] }),
  ).toMatchObject({
    status: 200,
  });
  expect(sandbox.tips.threatstream.review({ decision: 'reject' })).toBe(0);
});

test('rows arrive while it runs', async () => {
  const sandbox = await start({ indicators: 0 });
  const row = { Id: 'a', ObservableKey: 'domain-name:value', ObservableValue: 'x.example', Data: { name: 'X' } };
  expect(await control(sandbox, 'POST', 'rows', [row])).toMatchObject({ status: 200 });
  sandbox.arrive([{ ...row, Id: 'b', IngestionTime: '2026-01-05T10:15:00.1234567Z' }]);
  expect(await query(sandbox, 'ThreatIntelIndicators | project Id, tostring(ingestion_time()) | take 1')).toEqual([
    ['b', '2026-01-05T10:15:00.1234567Z'],
  ]);
  expect(
    await query(sandbox, 'ThreatIntelIndicators | where ingestion_time() > ago(1h) | project Id, Data.name'),
  ).toEqual([['a', 'X']]);
  expect(await control(sandbox, 'POST', 'rows', [{ ...row, Colour: 'red' }])).toMatchObject({ status: 400 });
  expect(await control(sandbox, 'POST', 'generate', { indicators: 93 })).toMatchObject({ status: 200 });
  expect(await query(sandbox, 'ThreatIntelIndicators | count')).toEqual([[102]]);
});

test('with its state kept it goes on: the same authority, all rows published again', async () => {
  const stateDir = await folder();
  const first = await start({ indicators: 93, stateDir });
  first.arrive([{ Id: 'a', ObservableKey: 'domain-name:value', ObservableValue: 'x.example' }]);
  await first.close();
  const second = await start({ indicators: 93, stateDir });
  expect(second.ca).toBe(first.ca);
  const byMethod =
    'ThreatIntelIndicators | summarize Rows = count(), Ids = dcount(Id) by Again = LastUpdateMethod == "LogARepublisher" | sort by Again asc';
  // 3 of each hundred generated rows are of the republisher at first already.
  expect(await query(second, byMethod)).toEqual([
    [false, 98, 97],
    [true, 104, 97],
  ]);
  expect(
    await query(
      second,
      'ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id | where LastUpdateMethod != "LogARepublisher" | count',
    ),
  ).toEqual([[0]]);
});

test('what ThreatStream holds outlasts a restart', async () => {
  const stateDir = await folder();
  const first = await start({ indicators: 0, stateDir, faults: { threatstream: { polls: 0 } } });
  const { threatstreamUser, threatstreamApiKey } = first.credentials;
  const authorization = `apikey ${threatstreamUser}:${threatstreamApiKey}`;
  const form = {
    classification: 'private',
    datatext: 'x.example',
    domain_mapping: 'mal_domain',
    threat_type: 'malware',
  };
  const reply = await asFetched(first, `${first.urls.threatstream}/api/v2/intelligence/import/`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  expect(reply.status).toBe(202);
  const session = String(Reflect.get(Object(reply.json()), 'import_session_id'));
  await asFetched(first, `${first.urls.threatstream}/api/v1/importsession/${session}/`, { headers: { authorization } });
  expect(first.tips.threatstream.counts().holds).toBe(1);
  const held = first.tips.threatstream.holdings();
  await first.close();
  const second = await start({ indicators: 0, stateDir });
  expect(second.tips.threatstream.counts().holds).toBe(1);
  expect(await control(second, 'POST', 'tips/threatstream/holdings')).toEqual({ status: 200, json: held });
});

test('a feed is the workspace; its state wants the same feed', async () => {
  const stateDir = await folder();
  const feed = join(await folder(), 'feed.csv');
  await writeFile(feed, 'type,value\ndomain,x.example\nmutex,y\n');
  const first = await start({ feed, stateDir });
  expect(await query(first, 'ThreatIntelIndicators | where ingestion_time() > ago(1m) | count')).toEqual([[2]]);
  await first.close();
  await expect(startSandbox({ stateDir })).rejects.toThrow(/came from a feed/);
  const second = await start({ feed, stateDir });
  expect(await query(second, 'ThreatIntelIndicators | count')).toEqual([[4]]);
});
