import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type Answer, type LoopbackApi, startLoopbackApi } from '../http/loopback-api.ts';
import { recordedPace } from '../rates/recorded-pace.ts';
import { answer, badQuery, COLUMNS, json, row, TYPES } from './logs-answers.ts';
import { readerAt, slice, source, WORKSPACE, window } from './logs-questions.ts';

const signal = new AbortController().signal;

let api: LoopbackApi;
let pace: ReturnType<typeof recordedPace>;
let reader: SentinelReader;

beforeEach(async () => {
  api = await startLoopbackApi();
  pace = recordedPace();
  reader = readerAt(api, pace);
});
afterEach(() => api.close());

describe('a Sentinel reader', () => {
  it.each<[string, (rows: readonly unknown[][]) => { names?: readonly string[]; rows: readonly unknown[] }]>([
    [
      'fewer columns than it asked for',
      () => ({ names: ['Id', 'SourceSystem', 'TimeGenerated'], rows: [['a', 'b', 'c']] }),
    ],
    ['a row that ends early', (rows) => ({ rows: [...rows, rows[0]?.slice(0, 12)] })],
    ['a row without cells', (rows) => ({ rows: [...rows, []] })],
    [
      'an error in the place of a row',
      (rows) => ({ rows: [...rows, { OneApiErrors: [{ error: { code: 'Other' } }] }] }),
    ],
  ])('takes an answer with %s for no answer, not for rows that say less', async (_, change) => {
    const names = COLUMNS.split(' ');
    const changed = { names, ...change([names.map((name) => row()[name] ?? null)]) };
    const columns = changed.names.map((name) => ({ name, type: TYPES[name] ?? 'string' }));
    api.behave(() => json(200, { tables: [{ name: 'PrimaryResult', columns, rows: changed.rows }] }));
    const fault = await faultFrom(reader.read(source, slice, signal));
    expect(fault.kind).toBe('Unavailable');
    expect(fault.message).not.toContain('198.51');
  });

  it("knows Kusto's limits in the place of a row", async () => {
    const limits = { OneApiErrors: [{ error: { code: 'LimitsExceeded', message: 'E_RUNAWAY_QUERY' } }] };
    api.behave(() => json(200, { tables: [{ name: 'PrimaryResult', columns: [], rows: [[], limits] }] }));
    expect(await faultFrom(reader.read(source, slice, signal))).toMatchObject({ kind: 'TooLarge' });
  });

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['rows', (stop) => reader.read(source, slice, stop)],
    ['a count', (stop) => reader.count(source, window, stop)],
    ['an estimate', (stop) => reader.estimate(source, window, stop)],
  ])('tells of %s that were not there in time', async (_, ask) => {
    api.behave(() => json(504, { error: { code: 'GatewayTimeout' } }));
    expect(await faultFrom(ask(signal))).toMatchObject({ kind: 'Unavailable', timedOut: true });
    api.behave(() => json(503, { error: { code: 'ServiceUnavailable' } }));
    expect(await faultFrom(ask(signal))).toMatchObject({ kind: 'Unavailable', timedOut: false });
  });

  it.each<[string, () => Answer | 'cut', Fault['kind'], string]>([
    ['a partial answer', () => answer([row()], { code: 'PartialError', message: 'some' }), 'TooLarge', 'only a part'],
    ['too many rows', () => answer([row(), row(), row(), row()]), 'TooLarge', '4 rows; at most 3'],
    ['a time-out', () => json(504, { error: { code: 'GatewayTimeout' } }), 'Unavailable', '504'],
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
    const bad = readerAt(api, pace, { getToken: () => Promise.reject(refused) });
    expect(await faultFrom(bad.count(source, window, signal))).toBe(refused);
    expect(api.arrived).toHaveLength(0);
  });
});
