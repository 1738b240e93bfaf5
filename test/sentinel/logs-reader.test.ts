import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import type { SentinelReader, SentinelSource } from '../../sentinel/sentinel-reader.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type Answer, type LoopbackApi, startLoopbackApi } from '../http/loopback-api.ts';
import { recordedPace } from '../http/recorded-pace.ts';

const WORKSPACE = '99999999-8888-7777-6666-555555555555';
const source: SentinelSource = {
  workspaceId: WORKSPACE,
  table: 'ThreatIntelIndicators',
  sourceSystems: ['Microsoft Defender Threat Intelligence'],
  latenessMs: 2 * 86_400_000,
};
const window = { from: '2026-11-24T08:00:00Z', to: '2026-11-24T08:15:00Z' };
const slice = { ...window, bucket: 0, buckets: 1 };
const signal = new AbortController().signal;
const now = (): Date => new Date('2026-11-24T08:20:00Z');

let api: LoopbackApi;
let pace: ReturnType<typeof recordedPace>;
let reader: SentinelReader;

beforeEach(async () => {
  api = await startLoopbackApi();
  pace = recordedPace();
  reader = readerWith({ getToken: async () => ({ token: 'token-of-mine', expiresOnTimestamp: 4_102_444_800_000 }) });
});
afterEach(() => api.close());

function readerWith(credential: Parameters<typeof createSentinelReader>[1]['credential']): SentinelReader {
  return createSentinelReader(
    { endpoint: `${api.url}/v1`, ca: api.ca, serverTimeoutSeconds: 120, maxRows: 3 },
    { credential, pace, now },
  );
}

const COLUMNS =
  'Id SourceSystem ObservableKey ObservableValue Pattern TimeGenerated Modified ValidFrom ValidUntil Confidence Tags IsActive IsDeleted Revoked ThreatTypes Name Description Markings Labels LastUpdateMethod';

function row(cells: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: 'a---indicator--1',
    SourceSystem: 'Microsoft Defender Threat Intelligence',
    ObservableKey: 'ipv4-addr:value',
    ObservableValue: '198.51.100.3',
    Pattern: "[ipv4-addr:value = '198.51.100.3']",
    TimeGenerated: '2026-11-24T08:01:00.1234567Z',
    Modified: '2026-11-20T00:00:00.0000000Z',
    ValidFrom: '',
    ValidUntil: '2026-12-24T00:00:00.0000000Z',
    Confidence: 90,
    Tags: '["c2","storm-1"]',
    IsActive: true,
    IsDeleted: null,
    Revoked: false,
    ThreatTypes: '["malicious-activity"]',
    Name: 'A name',
    Description: '',
    Markings: '["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]',
    Labels: 'null',
    LastUpdateMethod: 'LogARepublisher',
    ...cells,
  };
}

const TYPES: Readonly<Record<string, string>> = {
  Confidence: 'int',
  IsActive: 'bool',
  IsDeleted: 'bool',
  Revoked: 'bool',
};

function answer(rows: readonly Record<string, unknown>[], error?: unknown): Answer {
  const columns = COLUMNS.split(' ').map((name) => ({ name, type: TYPES[name] ?? 'string' }));
  const values = rows.map((one) => columns.map(({ name }) => one[name] ?? null));
  return json(200, {
    tables: [{ name: 'PrimaryResult', columns, rows: values }],
    ...(error === undefined ? {} : { error }),
  });
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

describe('createSentinelReader', () => {
  it('reads rows as they are, with all seven digits of their times', async () => {
    api.behave(() => answer([row()]));
    expect(await reader.read(source, slice, signal)).toEqual({
      malformed: [],
      rows: [
        {
          id: 'a---indicator--1',
          sourceSystem: 'Microsoft Defender Threat Intelligence',
          observableKey: 'ipv4-addr:value',
          observableValue: '198.51.100.3',
          pattern: "[ipv4-addr:value = '198.51.100.3']",
          timeGenerated: '2026-11-24T08:01:00.1234567Z',
          modified: '2026-11-20T00:00:00.0000000Z',
          validFrom: null,
          validUntil: '2026-12-24T00:00:00.0000000Z',
          confidence: 90,
          tags: '["c2","storm-1"]',
          isActive: true,
          isDeleted: null,
          revoked: false,
          threatTypes: ['malicious-activity'],
          name: 'A name',
          description: '',
          markings: ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9'],
          labels: [],
          lastUpdateMethod: 'LogARepublisher',
        },
      ],
    });
  });

  it('asks once, at the workspace, with a token, the time limit, and a timespan widened by the lateness', async () => {
    api.behave(() => answer([]));
    await reader.read(source, slice, signal);
    expect(api.arrived).toHaveLength(1);
    const [asked] = api.arrived;
    expect(asked).toMatchObject({
      method: 'POST',
      path: `/v1/workspaces/${WORKSPACE}/query`,
      headers: { authorization: 'Bearer token-of-mine', prefer: 'wait=120', 'content-type': 'application/json' },
    });
    const body = z.object({ query: z.string(), timespan: z.string() }).parse(JSON.parse(asked?.body ?? ''));
    expect(body.timespan).toBe('2026-11-22T08:00:00.000Z/2026-11-26T08:15:00.000Z');
    expect(body.query).toMatch(/^ThreatIntelIndicators\n/);
    expect(pace.asked).toEqual([1]);
    expect(pace.answers).toEqual([1]);
  });

  it('reads a legacy row: one threat type and one marking, as plain text', async () => {
    api.behave(() => answer([row({ ThreatTypes: 'Botnet', Markings: 'amber', Confidence: 'NaN', IsDeleted: 1 })]));
    const { rows } = await reader.read({ ...source, table: 'ThreatIntelligenceIndicator' }, slice, signal);
    expect(rows).toMatchObject([{ threatTypes: ['Botnet'], markings: ['amber'], confidence: null, isDeleted: true }]);
  });

  it('lets a row that does not fit cost itself', async () => {
    api.behave(() =>
      answer([row({ Id: '' }), row({ Confidence: 'high', Name: 'x'.repeat(900) }), row({ Labels: '[1]' })]),
    );
    const { rows, malformed } = await reader.read(source, slice, signal);
    expect(rows).toEqual([]);
    expect(malformed.map(({ sourceId, reason }) => [sourceId, reason.split(':')[0]])).toEqual([
      [null, 'Id'],
      ['a---indicator--1', 'Confidence'],
      ['a---indicator--1', 'Labels'],
    ]);
    for (const { reason, excerpt } of malformed) {
      expect(excerpt.length).toBeLessThanOrEqual(500);
      expect(reason).not.toContain('198.51');
    }
  });

  it('counts and estimates', async () => {
    const table = (names: string[], values: unknown[]) => ({
      tables: [{ name: 'PrimaryResult', columns: names.map((name) => ({ name, type: 'long' })), rows: [values] }],
    });
    api.behave(() => json(200, table(['Count'], [41])));
    expect(await reader.count(source, window, signal)).toBe(41);
    api.behave(() => json(200, table(['Rows', 'Hosts'], [41, 12])));
    expect(await reader.estimate(source, window, signal)).toEqual({ rows: 41, hosts: 12 });
  });

  it('takes 204 for a workspace without data', async () => {
    api.behave(() => ({ status: 204 }));
    expect(await reader.read(source, slice, signal)).toEqual({ rows: [], malformed: [] });
    expect(await reader.count(source, window, signal)).toBe(0);
    expect(await reader.estimate(source, window, signal)).toEqual({ rows: 0, hosts: 0 });
  });

  it.each<[string, () => Answer | 'cut', Fault['kind'], string]>([
    ['a partial answer', () => answer([row()], { code: 'PartialError', message: 'some' }), 'TooLarge', 'only a part'],
    ['too many rows', () => answer([row(), row(), row(), row()]), 'TooLarge', '4 rows; at most 3'],
    ['a time-out', () => json(504, { error: { code: 'GatewayTimeout' } }), 'TooLarge', '504'],
    ['a request that is too large', () => ({ status: 413 }), 'TooLarge', '413'],
    [
      "Kusto's own limits",
      () => json(400, badQuery('Query execution has exceeded the allowed limits (80DA0003)')),
      'TooLarge',
      'ran out of room',
    ],
    [
      'a table that is not there',
      () =>
        json(
          400,
          badQuery("'where' operator: Failed to resolve table or column expression named 'ThreatIntelIndicators'"),
        ),
      'Refused',
      "named 'ThreatIntelIndicators'. A missing table",
    ],
    ['a token of another cloud', () => json(401, { error: { code: 'AuthenticationFailed' } }), 'Refused', 'same cloud'],
    [
      'a missing role',
      () => json(403, { error: { code: 'InsufficientAccessError' } }),
      'Refused',
      '"Log Analytics Reader"',
    ],
    ['an unknown workspace', () => json(404, { error: { code: 'PathNotFoundError' } }), 'Refused', WORKSPACE],
    ['an outage', () => ({ status: 503, body: '<html>' }), 'Unavailable', '503'],
    [
      "a proxy's page",
      () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
      'Unavailable',
      '200',
    ],
    ['an empty answer', () => ({ status: 200 }), 'Unavailable', '200'],
    ['a cut connection', () => 'cut', 'Unavailable', 'could not be reached'],
  ])('fails by its class, once, at %s', async (_, behaviour, kind, sentence) => {
    api.behave(behaviour);
    const fault = await faultFrom(reader.read(source, slice, signal));
    expect(fault).toMatchObject({ kind, message: expect.stringContaining(sentence) });
    expect(fault.message).toMatch(/^[A-Z0-9].*\.$/);
    expect(fault.message).not.toContain('token-of-mine');
    expect(api.arrived).toHaveLength(1);
    expect(pace.answers).toEqual(sentence === 'could not be reached' ? [] : [1]);
  });

  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '11' }, 11_000],
    [{}, undefined],
  ])('slows the shared pace at a 429 with %j', async (headers, wait) => {
    api.behave(() => json(429, { error: { code: 'Throttled' } }, headers));
    const fault = await faultFrom(reader.count(source, window, signal));
    expect(fault.kind).toBe('Throttled');
    expect(fault.retryAfterMs).toBe(wait);
    expect(pace.throttles).toEqual([wait]);
    expect(pace.answers).toEqual([]);
    expect(api.arrived).toHaveLength(1);
  });

  it("passes the credential's own fault on, and sends nothing", async () => {
    const refused = new Fault('Refused', 'azure.clientSecret was refused.');
    const bad = readerWith({ getToken: () => Promise.reject(refused) });
    expect(await faultFrom(bad.count(source, window, signal))).toBe(refused);
    expect(api.arrived).toHaveLength(0);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    api.behave(() => {
      controller.abort(reason);
      return 'silence';
    });
    await expect(reader.read(source, slice, controller.signal)).rejects.toBe(reason);
  });
});

function badQuery(message: string): unknown {
  return {
    error: {
      message: 'The request had some invalid properties',
      code: 'BadArgumentError',
      innererror: {
        code: 'SemanticError',
        message: 'A semantic error occurred.',
        innererror: { code: 'SEM0100', message },
      },
    },
  };
}
