import { ClientSecretCredential } from '@azure/identity';
import { LogsQueryClient, type LogsQueryResult, LogsQueryResultStatus } from '@azure/monitor-query-logs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { logsFaults } from '../../sandbox/logs/logs-faults.ts';
import { LOGS_LIMITS } from '../../sandbox/logs/logs-limits.ts';
import { QuerySlots } from '../../sandbox/logs/query-slots.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { asFetched } from './https-request.ts';

const FROM = new Date('2026-11-24T08:00:00Z');
const TO = new Date('2026-11-24T09:00:00Z');

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ indicators: 930, ingestedOver: { from: FROM, to: TO } });
});
afterEach(() => {
  sandbox.setFaults({ logs: logsFaults.parse({}), entra: { tokenSeconds: 3_599 } });
});
afterAll(async () => {
  await sandbox.close();
});

/** The client that the product uses, told where the stand-ins are and nothing else. */
function client({ urls, ca, credentials }: Sandbox): LogsQueryClient {
  const { tenantId, clientId, clientSecret } = credentials;
  const tlsOptions = { ca };
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost: urls.authority,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
  return new LogsQueryClient(credential, {
    endpoint: urls.logs,
    tlsOptions,
    retryOptions: { maxRetries: 0 },
  });
}

async function query(text: string, from: Sandbox = sandbox): Promise<LogsQueryResult> {
  return client(from).queryWorkspace(from.credentials.workspaceId, text, {
    startTime: new Date('2026-11-22T08:00:00Z'),
    endTime: new Date('2027-01-01T00:00:00Z'),
  });
}

async function rows(text: string, from: Sandbox = sandbox): Promise<readonly unknown[][]> {
  const result = await query(text, from);
  if (result.status !== LogsQueryResultStatus.Success) throw new Error(`The query ended as ${result.status}.`);
  return result.tables[0]?.rows ?? [];
}

/** What a client is told of a failure. */
async function failure(text = 'ThreatIntelIndicators | count'): Promise<{ status: unknown; code: unknown }> {
  try {
    await query(text);
  } catch (error) {
    if (error instanceof Error) return { status: Reflect.get(error, 'statusCode'), code: Reflect.get(error, 'code') };
  }
  return { status: 200, code: null };
}

function faults(logs: FaultsPatch['logs']): void {
  sandbox.setFaults({ logs });
}

const WINDOW = `ThreatIntelIndicators
| where ingestion_time() >= datetime(${FROM.toISOString()}) and ingestion_time() < datetime(${TO.toISOString()})
| where SourceSystem in ("Microsoft Defender Threat Intelligence", "Premium Microsoft Defender Threat Intelligence", "Microsoft Emerging Threat Feed")`;

const REDUCED = `| summarize arg_max(TimeGenerated, *) by Id, ObservableKey, ObservableValue
| extend D = parse_json(tostring(column_ifexists("Data", dynamic(null))))
| project Id, ObservableKey, ObservableValue, TimeGenerated = tostring(TimeGenerated), Modified,
    IsDeleted, Types = tostring(D.indicator_types), Data = D`;

describe('through the real SDK', () => {
  test('a window is counted, and its hash slices hold each of its rows once', async () => {
    expect(await rows(`${WINDOW} | summarize Rows = count()`)).toEqual([[1_000]]);
    const whole = await rows(`${WINDOW} | summarize Values = dcount(strcat(Id, ObservableKey, ObservableValue))`);
    const ids: unknown[] = [];
    for (const bucket of [0, 1, 2]) {
      const slice = await rows(
        `${WINDOW} | where hash(tolower(iff(isempty(ObservableValue), Pattern, ObservableValue)), 3) == ${bucket} ${REDUCED}`,
      );
      expect(slice.length).toBeGreaterThan(200);
      ids.push(...slice.map(([id, key, value]) => [id, key, value].join(' ')));
    }
    expect(ids.length).toBe(whole[0]?.[0]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('values come as the SDK expects them', async () => {
    const [row] = await rows(`${WINDOW} ${REDUCED} | where Types != "" | take 1`);
    const [id, , , timeGenerated, modified, isDeleted, types, data] = row ?? [];
    expect(id).toMatch(/^[A-Za-z0-9+/=]+---indicator--[0-9a-f-]{36}$/);
    expect(timeGenerated).toMatch(/^2026-11-24T0[78]:\d\d:\d\d\.\d{7}Z$/);
    expect(modified).toBeInstanceOf(Date);
    expect(isDeleted).toBe(false);
    expect(types).toMatch(/^\["[a-z-]+"\]$/);
    expect(data).toMatchObject({ type: 'indicator', spec_version: '2.1' });
  });

  test('the retired table is empty, and has the rows when told to', async () => {
    expect(await rows('ThreatIntelligenceIndicator | summarize count()')).toEqual([[0]]);
    const legacy = await startSandbox({ indicators: 93, ingestedOver: { from: FROM, to: TO }, legacy: true });
    const counts = `ThreatIntelligenceIndicator | summarize count(), countif(isnotempty(NetworkIP)), countif(isnotempty(FileHashType)),
      countif(Active), countif(isnotempty(TrafficLightProtocolLevel)), countif(ConfidenceScore > 0.5)`;
    const [row] = await rows(counts, legacy);
    expect(row?.[0]).toBe(100);
    for (const count of row ?? []) expect(count).toBeGreaterThan(10);
    expect(await rows('ThreatIntelIndicators | summarize count()', legacy)).toEqual([[0]]);
    await legacy.close();
  });
});

describe('what goes wrong', () => {
  test('an answer over the limit is partial, with HTTP 200', async () => {
    faults({ partialOverRows: 10 });
    const result = await query(`${WINDOW} | project Id`);
    expect(result.status).toBe('PartialFailure');
    if (result.status !== LogsQueryResultStatus.PartialFailure) return;
    expect(result.partialTables[0]?.rows.length).toBe(10);
    expect(result.partialError.code).toBe('PartialError');
    faults({ partialOverRows: 500_000, partialOverBytes: 2_000 });
    expect((await query(`${WINDOW} | project Id`)).status).toBe('PartialFailure');
    expect((await query(`${WINDOW} | summarize count()`)).status).toBe('Success');
  });

  test('faults come as the statuses of the service', async () => {
    faults({ timeoutOverRows: 10 });
    expect(await failure(`${WINDOW} | project Id`)).toEqual({ status: 504, code: 'GatewayTimeout' });
    expect(await failure(`${WINDOW} | summarize count()`)).toEqual({ status: 200, code: null });
    faults({ timeoutOverRows: null, everyNth503: 1 });
    expect(await failure()).toMatchObject({ status: 503 });
    faults({ everyNth503: 0, forbidden: true });
    expect(await failure()).toEqual({ status: 403, code: 'InsufficientAccessError' });
    faults({ forbidden: false, everyNth429: 1 });
    const { throttled } = sandbox.counts();
    expect(await failure()).toMatchObject({ status: 429 });
    expect(sandbox.counts().throttled.logs).toBe(throttled.logs + 1);
  });

  test('a query that is not done in its time is a 504: every so many, the first so many, of one kind, or those of one value', async () => {
    const inTime = { status: 200, code: null };
    const late = { status: 504, code: 'GatewayTimeout' };
    const [count, ids] = [`${WINDOW} | count`, `${WINDOW} | project Id, ObservableValue`];
    faults({ everyNth504: 1, timeoutsOf: 'rows' });
    expect([await failure(count), await failure(ids)]).toEqual([inTime, late]);
    faults({ timeoutsOf: 'counts' });
    expect([await failure(count), await failure(ids)]).toEqual([late, inTime]);
    faults({ everyNth504: 0, first504: 2 });
    expect([await failure(count), await failure(count), await failure(count)]).toEqual([late, late, inTime]);
    faults({ first504: 0 });
    faults({ first504: 1, timeoutsOf: 'all' });
    expect([await failure(ids), await failure(count)]).toEqual([late, inTime]);
    const [value] = (await rows(`${WINDOW} | where ObservableValue != "" | project ObservableValue`))[0] ?? [];
    faults({ timeoutValues: [String(value)] });
    expect([await failure(count), await failure(ids)]).toEqual([inTime, late]);
    expect(
      await failure(`${WINDOW} | where ObservableValue != "${String(value)}" | project Id, ObservableValue`),
    ).toEqual(inTime);
  });

  test('its clock may differ from that of whoever asks, and rows that arrive have their time from it', async () => {
    const clock = async (): Promise<number> =>
      Date.parse(String((await rows('ThreatIntelIndicators | count | extend Clock = tostring(now())'))[0]?.[1]));
    faults({ clockAheadMs: -86_400_000 });
    const before = Date.now() - 86_400_000;
    const shown = await clock();
    expect(shown).toBeGreaterThanOrEqual(before);
    expect(shown).toBeLessThanOrEqual(Date.now() - 86_400_000);
    const behind = await startSandbox({ indicators: 0, faults: { logs: { clockAheadMs: -86_400_000 } } });
    behind.arrive([{ Id: 'one' }]);
    expect(await rows('ThreatIntelIndicators | where ingestion_time() <= now() | project Id', behind)).toEqual([
      ['one'],
    ]);
    behind.setFaults({ logs: { clockAheadMs: -86_500_000 } });
    expect(await rows('ThreatIntelIndicators | where ingestion_time() <= now() | project Id', behind)).toEqual([]);
    await behind.close();
  });

  test('a query that is not understood is refused as the service refuses it', async () => {
    expect(await failure('ThreatIntelIndicators | where NoSuchColumn == 1')).toEqual({
      status: 400,
      code: 'BadArgumentError',
    });
    const { urls, credentials } = sandbox;
    const reply = await asFetched(sandbox, `${urls.logs}/workspaces/${credentials.workspaceId}/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'ThreatIntelIndicators | where' }),
    });
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({
      error: {
        code: 'BadArgumentError',
        innererror: { code: 'SyntaxError', innererror: { message: expect.stringMatching(/Missing expression/) } },
      },
    });
  });

  test('who has no token, or one for another API, gets nothing', async () => {
    const { urls, credentials } = sandbox;
    const url = `${urls.logs}/workspaces/${credentials.workspaceId}/query`;
    const post = (headers: Record<string, string>) => asFetched(sandbox, url, { method: 'POST', headers, body: '{}' });
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: 'Bearer made-up' })).status).toBe(401);
    const graphToken = await token('https://graph.microsoft.com/.default');
    expect((await post({ authorization: `Bearer ${graphToken}` })).status).toBe(403);
    sandbox.setFaults({ entra: { tokenSeconds: 0 } });
    expect((await post({ authorization: `Bearer ${await token()}` })).status).toBe(401);
  });

  test('a body that is not announced as JSON gets HTTP 200 and nothing; an empty workspace HTTP 204', async () => {
    const { urls, credentials } = sandbox;
    const url = `${urls.logs}/workspaces/${credentials.workspaceId}/query`;
    const authorization = `Bearer ${await token()}`;
    const body = JSON.stringify({ query: 'ThreatIntelIndicators | count' });
    const plain = await asFetched(sandbox, url, { method: 'POST', headers: { authorization }, body });
    expect([plain.status, plain.text]).toEqual([200, '']);
    faults({ noContent: true });
    const headers = { authorization, 'content-type': 'application/json' };
    expect((await asFetched(sandbox, url, { method: 'POST', headers, body })).status).toBe(204);
  });

  test('a workspace that is not there is not found', async () => {
    const other = client(sandbox).queryWorkspace('00000000-0000-0000-0000-000000000000', 'ThreatIntelIndicators', {
      duration: 'PT1H',
    });
    await expect(other).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('limits', () => {
  test('so many requests in 30 seconds, then 429 with how long to wait', async () => {
    const limited = await startSandbox({ indicators: 0, limits: { logsPer30s: 3 } });
    const one = () => query('ThreatIntelIndicators | count', limited);
    await Promise.all([one(), one(), one()]);
    await expect(one()).rejects.toMatchObject({ statusCode: 429 });
    expect(limited.counts()).toMatchObject({ requests: { logs: 4 }, throttled: { logs: 1 } });
    await limited.close();
  });

  test('a query waits while as many run as may, in turn; the queue has an end', async () => {
    const slots = new QuerySlots({ ...LOGS_LIMITS, concurrent: 2, queue: 2 });
    const admitted: number[] = [];
    const enter = (number: number) =>
      slots.enter().then((admission) => {
        if (admission === 'admitted') admitted.push(number);
        return admission;
      });
    await enter(1);
    await enter(2);
    const [third, fourth] = [enter(3), enter(4)];
    expect(await enter(5)).toBe('queue-full');
    expect(admitted).toEqual([1, 2]);
    slots.leave();
    await third;
    expect(admitted).toEqual([1, 2, 3]);
    slots.leave();
    await fourth;
    expect(admitted).toEqual([1, 2, 3, 4]);
  });

  test('who waits too long is turned away, and takes no place later', async () => {
    const slots = new QuerySlots({ ...LOGS_LIMITS, concurrent: 1, queueMs: 1 });
    await slots.enter();
    expect(await slots.enter()).toBe('waited-too-long');
    slots.leave();
    expect(await slots.enter()).toBe('admitted');
  });

  test('a client is told of a proxy in between by its HTML', async () => {
    faults({ everyNthHtml: 1 });
    const { urls, credentials } = sandbox;
    const url = `${urls.logs}/workspaces/${credentials.workspaceId}/query`;
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' };
    const reply = await asFetched(sandbox, url, { method: 'POST', headers, body: '{}' });
    expect([reply.status, reply.headers['content-type']]).toEqual([502, 'text/html']);
  });
});

async function token(scope = 'https://api.loganalytics.io/.default'): Promise<string> {
  const { urls, credentials } = sandbox;
  const reply = await asFetched(sandbox, `${urls.authority}/${credentials.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope,
    }).toString(),
  });
  return String(Reflect.get(Object(reply.json()), 'access_token'));
}
