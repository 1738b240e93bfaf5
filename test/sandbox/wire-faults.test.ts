import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { wireFaultKind } from '../../sandbox/wire-faults/wire-fault.ts';
import { asFetched, type Fetched } from './https-request.ts';

let sandbox: Sandbox | null = null;
afterEach(async () => {
  await sandbox?.close();
  sandbox = null;
});

async function start(wire: FaultsPatch['wire'] = []): Promise<Sandbox> {
  sandbox = await startSandbox({ indicators: 0, faults: { wire } });
  return sandbox;
}

/** One request for a token: the one API that needs nothing else. */
function askToken(running: Sandbox): Promise<Fetched> {
  const { clientId, clientSecret, tenantId } = running.credentials;
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  };
  return asFetched(running, `${running.urls.authority}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
  });
}

/** One direct write of one value to ThreatStream, which the sandbox counts. */
function write(running: Sandbox, value: string): Promise<Fetched> {
  const { threatstreamUser, threatstreamApiKey } = running.credentials;
  return asFetched(running, `${running.urls.threatstream}/api/v2/intelligence/`, {
    method: 'PATCH',
    headers: {
      authorization: `apikey ${threatstreamUser}:${threatstreamApiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      objects: [{ srcip: value, itype: 'mal_ip', confidence: 50, severity: 'low', source: 'test' }],
      meta: { classification: 'private', expiration_ts: '2030-01-01T00:00:00' },
    }),
  });
}

async function query(running: Sandbox, text: string): Promise<Fetched> {
  const token = z.object({ access_token: z.string() });
  const form = {
    grant_type: 'client_credentials',
    client_id: running.credentials.clientId,
    client_secret: running.credentials.clientSecret,
    scope: 'https://api.loganalytics.io/.default',
  };
  const given = await asFetched(
    running,
    `${running.urls.authority}/${running.credentials.tenantId}/oauth2/v2.0/token`,
    {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
    },
  );
  const { access_token: bearer } = token.parse(given.json());
  return asFetched(running, `${running.urls.logs}/workspaces/${running.credentials.workspaceId}/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, timespan: 'P1D' }),
  });
}

/** The status, or that the connection was cut. */
async function statusOf(asked: Promise<Fetched>): Promise<number | 'cut'> {
  try {
    return (await asked).status;
  } catch {
    return 'cut';
  }
}

const held = (running: Sandbox): number =>
  running.tips.threatstream.counts().duplicates + running.tips.threatstream.counts().holds;

test.each([
  ['429-seconds', 429, { 'retry-after': '7' }],
  ['429-date', 429, { 'retry-after': expect.stringMatching(/ GMT$/) }],
  ['429-zero', 429, { 'retry-after': '0' }],
  ['429-ms', 429, { 'retry-after-ms': '7000', 'x-ms-retry-after-ms': '7000' }],
  ['502-html', 502, { 'content-type': 'text/html' }],
  ['html-200', 200, { 'content-type': 'text/html' }],
] as const)('%s is answered by %i with its headers', async (kind, status, headers) => {
  const reply = await askToken(await start([{ api: 'entra', kind, waitSeconds: 7 }]));
  expect(reply.status).toBe(status);
  expect(reply.headers).toMatchObject(headers);
});

test('a 429 may not say how long, or only in its text', async () => {
  const running = await start([{ api: 'entra', kind: '429-none' }]);
  const silent = await askToken(running);
  expect(silent.headers).not.toHaveProperty('retry-after');
  expect(silent.text).not.toContain('again');
  running.setFaults({ wire: [{ api: 'entra', kind: '429-sentence', waitSeconds: 7 }] });
  const said = await askToken(running);
  expect(said.headers).not.toHaveProperty('retry-after');
  expect(said.text).toContain('Try again in 7 seconds');
});

test.each(wireFaultKind.options)('%s is counted, and over when it is taken back', async (kind) => {
  const running = await start([{ api: 'entra', kind, ms: 10 }]);
  await statusOf(askToken(running).then((reply) => reply));
  expect(Object.entries(running.counts().injected)).toEqual([[expect.stringContaining(`entra ${kind} `), 1]]);
  running.setFaults({ wire: [] });
  const reply = await askToken(running);
  expect(reply.json()).toMatchObject({ token_type: 'Bearer' });
});

test.each([
  ['truncated-body', 'cut'],
  ['reset', 'cut'],
  ['hang', 'cut'],
  ['empty-200', ''],
  ['204', ''],
  ['bad-json', 'no JSON'],
  ['huge-body', 'no JSON'],
  ['slow-body', 'JSON'],
] as const)('of %s a client sees: %s', async (kind, seen) => {
  const running = await start([{ api: 'entra', kind, ms: 50 }]);
  const got = await askToken(running).then(
    ({ text }) => (text === '' ? '' : isJson(text) ? 'JSON' : 'no JSON'),
    () => 'cut',
  );
  expect(got).toBe(seen);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a reset %s the request is taken in leaves %i behind', async (moment, writes) => {
  const running = await start([{ api: 'threatstream', kind: 'reset', moment, at: [1] }]);
  expect(await statusOf(write(running, '198.51.100.7'))).toBe('cut');
  await write(running, '198.51.100.8');
  await write(running, '198.51.100.7');
  // What arrived before arrives again.
  expect(running.tips.threatstream.counts().duplicates).toBe(writes);
  expect(running.counts().injected).toEqual({ [`threatstream reset ${moment}`]: 1 });
});

test('an answer may come before the request is taken in', async () => {
  const running = await start([{ api: 'threatstream', kind: '504', moment: 'early', ms: 150, at: [1] }]);
  expect(await statusOf(write(running, '198.51.100.7'))).toBe(504);
  expect(held(running)).toBe(0);
  await expect.poll(() => running.counts().requests.threatstream).toBe(1);
  await write(running, '198.51.100.7');
  expect(running.tips.threatstream.counts().duplicates).toBe(1);
});

test('a partial answer has half of the rows, and says so', async () => {
  const running = await start([{ api: 'logs', kind: 'partial' }]);
  const rows = Array.from({ length: 4 }, (_, number) => ({ Id: `indicator--${number}` }));
  running.arrive(rows);
  const reply = await query(running, 'ThreatIntelIndicators | project Id');
  expect(reply.status).toBe(200);
  expect(reply.json()).toMatchObject({ tables: [{ rows: { length: 2 } }], error: { code: 'PartialError' } });
});

test('which requests are hit: by number, by share, so often, by path and method, and the first that fits', async () => {
  const running = await start();
  const statuses = async (requests: number): Promise<readonly (number | 'cut')[]> => {
    const seen: (number | 'cut')[] = [];
    for (let request = 0; request < requests; request += 1) seen.push(await statusOf(askToken(running)));
    return seen;
  };
  running.setFaults({ wire: [{ api: 'entra', kind: '503', at: [2, 4] }] });
  expect(await statuses(5)).toEqual([200, 503, 200, 503, 200]);
  running.setFaults({ wire: [{ api: 'entra', kind: '503', times: 2 }] });
  expect(await statuses(3)).toEqual([503, 503, 200]);
  running.setFaults({
    wire: [
      { api: 'entra', kind: '503', forMs: 0, times: 1 },
      { api: 'entra', kind: '500', at: [2] },
    ],
  });
  expect(await statuses(3)).toEqual([503, 500, 200]);
  running.setFaults({
    wire: [
      { api: 'entra', kind: '503', method: 'GET' },
      { api: 'entra', kind: '500', path: '/token', at: [1] },
    ],
  });
  expect(await statuses(2)).toEqual([500, 200]);
  running.setFaults({ wire: [{ api: 'graph', kind: '503' }] });
  expect(await statuses(1)).toEqual([200]);
  const drawn = async (seed: number): Promise<readonly (number | 'cut')[]> => {
    running.setFaults({ wire: [{ api: 'entra', kind: '503', share: 0.5, seed }] });
    return statuses(12);
  };
  const first = await drawn(1);
  expect(new Set(first)).toEqual(new Set([200, 503]));
  expect(await drawn(1)).toEqual(first);
  expect(await drawn(2)).not.toEqual(first);
});

test('they are set over the wire, beside the faults of the stand-ins, and count on when others change', async () => {
  const running = await start();
  const put = (body: unknown): Promise<Fetched> =>
    asFetched(running, `${running.urls.control}/faults`, { method: 'PUT', body: JSON.stringify(body) });
  expect((await put({ wire: [{ api: 'entra', kind: '503', at: [2] }] })).status).toBe(200);
  expect(await statusOf(askToken(running))).toBe(200);
  await put({ logs: { forbidden: true } });
  expect(await statusOf(askToken(running))).toBe(503);
  expect(running.faults()).toMatchObject({ logs: { forbidden: true }, wire: [{ kind: '503', moment: 'before' }] });
  expect((await put({ wire: [{ api: 'entra', kind: 'thunder' }] })).status).toBe(400);
});
