import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptCredential } from '../../azure/kept-credential.ts';
import { keptTokens } from '../../azure/kept-tokens.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { createReputationSource } from '../../mdti/graph-reputation.ts';
import { createLogsClient } from '../../sentinel/logs-client.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type Answer, type LoopbackApi, startLoopbackApi } from '../http/loopback-api.ts';
import { recordedPace } from '../rates/recorded-pace.ts';
import { json, numbers } from '../sentinel/logs-answers.ts';

const { signal } = new AbortController();
let api: LoopbackApi;
let http: HttpClient;
let pace: ReturnType<typeof recordedPace>;
/** Tokens that were given out; each has its number. */
let given: number;
/** The first that has the permission. */
let goodFrom: number;
let credential: KeptCredential;

beforeEach(async () => {
  api = await startLoopbackApi();
  http = createHttpClient({ ca: api.ca, timeoutMs: 20_000, connections: 30 });
  pace = recordedPace();
  given = 0;
  goodFrom = 1;
  const getToken = async () => {
    given += 1;
    return { token: `${given}`, expiresOnTimestamp: 4_102_444_800_000 };
  };
  credential = keptTokens({ getToken, forget: () => undefined }, Date.now);
});
afterEach(async () => {
  await http.close();
  await api.close();
});

interface Audience {
  /** Asks for something; what it resolves with is no matter. */
  readonly ask: () => Promise<unknown>;
  readonly good: () => Answer;
  readonly bad: (status: number) => Answer;
}

const HOST = 'host.example.com';
const SCORED = { classification: 'unknown', score: 0, rules: [] };
const error = (status: number): Answer => json(status, { error: { code: 'Refused', message: 'No.' } });

function graph(mode: 'single' | 'batch'): () => Promise<unknown> {
  const source = createReputationSource(
    { endpoint: `${api.url}/v1.0`, scope: 'https://graph.microsoft.com/.default', mode },
    { http, pace, credential, now: () => new Date() },
  );
  return async () => {
    const [outcome] = await source.lookUp([HOST], signal);
    if (outcome?.kind === 'failed') throw outcome.fault;
  };
}

function logs(): () => Promise<unknown> {
  const reader = createSentinelReader(
    createLogsClient({ endpoint: `${api.url}/v1`, ca: api.ca, serverTimeoutSeconds: 120 }, { credential, pace }),
    3,
  );
  const [from, to] = ['2026-11-24T08:00:00Z', '2026-11-24T08:15:00Z'];
  const source = { workspaceId: 'w', table: 'ThreatIntelIndicators', sourceSystems: ['x'], latenessMs: 0 } as const;
  return () => reader.count(source, { from, to }, signal);
}

const inBatch = (status: number, body: unknown): Answer => json(200, { responses: [{ id: '0', status, body }] });

const audiences: Readonly<Record<string, () => Audience>> = {
  'Microsoft Graph, one by one': () => ({ ask: graph('single'), good: () => json(200, SCORED), bad: error }),
  'Microsoft Graph, the batch': () => ({ ask: graph('batch'), good: () => inBatch(200, SCORED), bad: error }),
  'Microsoft Graph, inside the batch': () => ({
    ask: graph('batch'),
    good: () => inBatch(200, SCORED),
    bad: (status) => inBatch(status, { error: { code: 'Refused', message: 'No.' } }),
  }),
  'Log Analytics': () => ({
    ask: logs(),
    good: () => numbers({ Count: 1, Clock: '2026-11-24T08:20:00.0000000Z' }),
    bad: error,
  }),
};

/** Answers well to whom has a token with the permission. */
function play({ good, bad }: Audience, status: number): void {
  api.behave(({ headers }) => {
    const token = Number(/^Bearer (\d+)$/.exec(String(headers['authorization']))?.[1]);
    return token >= goodFrom ? good() : bad(status);
  });
}

describe.each(Object.keys(audiences))('a token that is refused by %s', (name) => {
  const open = (): Audience => audiences[name]?.() ?? expect.fail();

  it.each([401, 403])(
    'with a %i is asked for anew, and the request is tried once more with the new one',
    async (status) => {
      const audience = open();
      play(audience, status);
      await audience.ask();
      goodFrom = 2;
      await audience.ask();
      expect(given).toBe(2);
      expect(api.arrived).toHaveLength(3);
      await audience.ask();
      expect([given, api.arrived.length]).toEqual([2, 4]);
    },
  );

  it('is tried with one new token at a time, and only then it is for a person, who is told that there will be another', async () => {
    const audience = open();
    play(audience, 403);
    goodFrom = Number.POSITIVE_INFINITY;
    const fault = await faultFrom(audience.ask());
    expect(fault.kind).toBe('Refused');
    expect(fault.message).toMatch(/Each try, by `resume` or once an hour by itself, asks for a new token/);
    // Of Graph, another host is asked for, too, before it is nobody's in particular.
    expect([2, 3]).toContain(given);
    goodFrom = given + 1;
    await audience.ask();
    expect(given).toBe(goodFrom);
  });

  it('is asked for anew once for all whose requests are under way', async () => {
    const audience = open();
    play(audience, 401);
    await audience.ask();
    goodFrom = 2;
    await Promise.all(Array.from({ length: 5 }, () => audience.ask()));
    expect(given).toBe(2);
  });
});

it('an inner refusal of one host among others that are answered for costs no new token', async () => {
  const source = createReputationSource(
    { endpoint: `${api.url}/v1.0`, scope: 'https://graph.microsoft.com/.default', mode: 'batch' },
    { http, pace, credential, now: () => new Date() },
  );
  api.behave(() =>
    json(200, {
      responses: [
        { id: '0', status: 403, body: { error: { code: 'Forbidden', message: '' } } },
        { id: '1', status: 200, body: SCORED },
      ],
    }),
  );
  expect((await source.lookUp([HOST, 'b.example.com'], signal)).map(({ kind }) => kind)).toEqual(['failed', 'known']);
  expect([given, api.arrived.length]).toEqual([1, 1]);
});
