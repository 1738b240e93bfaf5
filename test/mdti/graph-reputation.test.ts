import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { HttpClient } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { createReputationSource, type MdtiSettings } from '../../mdti/graph-reputation.ts';
import type { HostOutcome } from '../../mdti/reputation-source.ts';
import { createGraphApi, type GraphApi } from '../../sandbox/graph/graph-api.ts';
import { graphFaults } from '../../sandbox/graph/graph-faults.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type Answer, type Behaviour, type LoopbackApi, startLoopbackApi } from '../http/loopback-api.ts';
import { recordedPace } from '../rates/recorded-pace.ts';

const signal = new AbortController().signal;
const SCOPE = 'https://graph.microsoft.com/.default';
const MODES = ['batch', 'single'] as const;

let server: LoopbackApi;
let http: HttpClient;
let pace: ReturnType<typeof recordedPace>;

beforeEach(async () => {
  server = await startLoopbackApi();
  http = createHttpClient({ ca: server.ca, timeoutMs: 20_000, connections: 4 });
  pace = recordedPace();
});
afterEach(async () => {
  await http.close();
  await server.close();
});

/** The server becomes Graph, as the sandbox plays it. */
function playGraph(faults: z.input<typeof graphFaults> = {}): GraphApi {
  const parsed = graphFaults.parse(faults);
  const api = createGraphApi({
    seed: 1,
    checkToken: (header, audience) => header === `Bearer token for ${audience}/.default`,
    faults: () => parsed,
  });
  server.behave(async ({ method, path, headers, body }) => {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const reply = await api.handle({ method, path, query: new URLSearchParams(), headers: flat, body });
    return reply === 'cut' ? { status: 500 } : reply;
  });
  return api;
}

function source(settings: Partial<MdtiSettings> = {}, tokenFor = (scope: string) => `token for ${scope}`) {
  return createReputationSource(
    { endpoint: `${server.url}/v1.0`, scope: SCOPE, mode: 'batch', ...settings },
    {
      http,
      pace,
      now: () => new Date('2026-11-24T08:00:00Z'),
      credential: {
        getToken: async (scopes) => ({ token: tokenFor(String(scopes)), expiresOnTimestamp: 4_102_444_800_000 }),
      },
    },
  );
}

function hosts(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `host-${at}.example.com`);
}

function faultsOf(outcomes: readonly HostOutcome[]): Fault[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.fault] : []));
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function batchOf(...responses: unknown[]): Behaviour {
  return () => json(200, { responses });
}

describe('createReputationSource', () => {
  it('asks for twenty hosts in one call, each counted, and puts the answers to their hosts', async () => {
    const api = playGraph();
    const asked = hosts(20);
    const outcomes = await source().lookUp(asked, signal);
    expect(outcomes.map(({ host }) => host)).toEqual(asked);
    expect(faultsOf(outcomes)).toEqual([]);
    expect(api.counts()).toMatchObject({ requests: 1, inner: 20 });
    expect(pace.asked).toEqual([20]);
    expect(pace.answers).toEqual([20]);
  });

  it('gives the same by single requests as by batches, for addresses of both kinds too', async () => {
    playGraph();
    const asked = [...hosts(15), '198.51.100.3', '2001:db8::1'];
    const single = source({ mode: 'single' });
    expect(single.hostsPerCall).toBe(1);
    const alone: HostOutcome[] = [];
    for (const host of asked) alone.push(...(await single.lookUp([host], signal)));
    expect(await source().lookUp(asked, signal)).toEqual(alone);
    const kinds = new Set(alone.map((outcome) => (outcome.kind === 'known' ? outcome.reputation.kind : 'failed')));
    expect(kinds).toEqual(new Set(['scored', 'none']));
  });

  it('keeps a score of 0 a score, and tolerates what Graph adds later', async () => {
    const rule = { name: 'R', description: null, severity: 'unknownFutureValue', relatedDetailsUrl: null };
    server.behave(
      batchOf(
        { id: '1', status: 200, body: { classification: 'unknown', score: 0, rules: [] } },
        { id: '0', status: 200, body: { classification: 'unknownFutureValue', score: 61.9, rules: [rule], added: 1 } },
      ),
    );
    expect(await source().lookUp(hosts(2), signal)).toEqual([
      {
        host: 'host-0.example.com',
        kind: 'known',
        reputation: {
          kind: 'scored',
          score: 61,
          classification: 'unknownFutureValue',
          rules: [{ name: 'R', description: '', severity: 'unknownFutureValue', relatedDetailsUrl: null }],
        },
      },
      {
        host: 'host-1.example.com',
        kind: 'known',
        reputation: { kind: 'scored', score: 0, classification: 'unknown', rules: [] },
      },
    ]);
  });

  it('fails the hosts of a batch one by one: throttled, out of order, unreadable, left out, not taken', async () => {
    server.behave(
      batchOf(
        {
          id: '0',
          status: 429,
          headers: { 'Retry-After': '4' },
          body: { error: { code: 'TooManyRequests', message: '' } },
        },
        { id: '1', status: 429, headers: { 'Retry-After': '9' } },
        { id: '2', status: 500, body: '<html>' },
        { id: '3', status: 200, body: { classification: 'malicious', score: 101 } },
        { id: '5', status: 400, body: { error: { code: 'BadRequest', message: 'host-5.example.com' } } },
        { id: '6', status: 404, body: { error: { code: 'NotFound', message: '' } } },
        { id: '7', status: 404 },
      ),
    );
    const outcomes = await source().lookUp(hosts(8), signal);
    expect(faultsOf(outcomes).map(({ kind, retryAfterMs }) => [kind, retryAfterMs])).toEqual([
      ['Throttled', 4_000],
      ['Throttled', 9_000],
      ['Unavailable', undefined],
      ['Malformed', undefined],
      ['Unavailable', undefined],
      ['Malformed', undefined],
      ['Unavailable', undefined],
    ]);
    expect(outcomes[6]).toMatchObject({ kind: 'known', reputation: { kind: 'none' } });
    expect(pace.throttles).toEqual([9_000]);
    expect(pace.answers).toEqual([6]);
    for (const { message } of faultsOf(outcomes)) expect(message).not.toContain('example.com');
  });

  it.each(MODES)('takes a missing licence for one after so many calls running, and not before: %s', async (mode) => {
    playGraph({ licence: true });
    const asked = hosts(mode === 'batch' ? 20 : 1);
    const one = source({ mode, licenceFailures: 3 });
    for (let call = 0; call < 2; call += 1) {
      expect(new Set(faultsOf(await one.lookUp(asked, signal)).map(({ kind }) => kind))).toEqual(
        new Set(['Unavailable']),
      );
    }
    const fault = await faultFrom(one.lookUp(asked, signal));
    expect(fault).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/licence.*ThreatIntelligence\.Read\.All/),
    });
    // A probe that meets it again is told at once; one that does not starts the count anew.
    expect(await faultFrom(one.lookUp(asked, signal))).toMatchObject({ kind: 'Refused' });
    playGraph();
    expect(faultsOf(await one.lookUp(asked, signal))).toEqual([]);
    playGraph({ licence: true });
    expect(faultsOf(await one.lookUp(asked, signal))).toHaveLength(asked.length);
  });

  it.each<[string, z.input<typeof graphFaults>, Fault['kind'], string]>([
    ['a missing permission', { forbidden: true }, 'Refused', 'ThreatIntelligence.Read.All'],
    ['an outage', { everyNth503: 1 }, 'Unavailable', '503'],
    ["a proxy's page", { everyNthHtml: 1 }, 'Unavailable', '502'],
    ['batches that are not taken', { noBatch: true }, 'Refused', 'mdti.lookUps to single'],
  ])('fails as a whole at %s', async (_, faults, kind, sentence) => {
    playGraph(faults);
    const fault = await faultFrom(source().lookUp(hosts(2), signal));
    expect(fault).toMatchObject({ kind, message: expect.stringContaining(sentence) });
    expect(fault.message).not.toMatch(/example\.com|token for/);
    // Whatever it is, it is no 429.
    expect(pace.answers[0]).toBe(2);
    expect(pace.throttles).toEqual([]);
  });

  it.each(MODES)('slows the shared pace at a 429, with its wait or without one: %s', async (mode) => {
    playGraph({ everyNth429: 1, retryAfterSeconds: 6 });
    const outcome = async () => {
      const looked = source({ mode }).lookUp(hosts(1), signal);
      return mode === 'batch' ? faultFrom(looked) : faultsOf(await looked)[0];
    };
    expect(await outcome()).toMatchObject({ kind: 'Throttled', retryAfterMs: 6_000 });
    playGraph({ everyNth429: 1, retryAfterSeconds: null });
    expect(await outcome()).toMatchObject({ kind: 'Throttled', retryAfterMs: undefined });
    expect(pace.throttles).toEqual([6_000, undefined]);
    expect(pace.answers).toEqual([]);
  });

  it.each(MODES)('does not take a wrong endpoint for hosts that nobody knows: %s', async (mode) => {
    playGraph();
    const lost = source({ mode, endpoint: `${server.url}/v9` });
    expect(await faultFrom(lost.lookUp(hosts(1), signal))).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('mdti.endpoint'),
    });
  });

  it.each(MODES)('does not take the 404 of somebody else for a host that nobody knows: %s', async (mode) => {
    const page = { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' };
    server.behave(mode === 'single' ? () => page : batchOf({ id: '0', ...page }));
    const one = source({ mode });
    expect(await one.lookUp(hosts(1), signal)).toMatchObject([{ kind: 'failed', fault: { kind: 'Unavailable' } }]);
    expect(await faultFrom(one.probe(signal))).toMatchObject({ kind: 'Unavailable' });
    server.behave(() => page);
    const kind = mode === 'single' ? 'Unavailable' : 'Refused';
    expect(await faultFrom(one.probe(signal))).toMatchObject({
      kind,
      message: expect.stringContaining('mdti.endpoint'),
    });
  });

  it('is Refused when the token is not taken, and passes on what the credential says', async () => {
    playGraph();
    const wrong = source({}, () => 'no good');
    expect(await faultFrom(wrong.lookUp(hosts(1), signal))).toMatchObject({ kind: 'Refused' });
    const fault = new Fault('Refused', 'azure.clientSecret was refused.');
    const without = source({}, () => {
      throw fault;
    });
    expect(await faultFrom(without.lookUp(hosts(1), signal))).toBe(fault);
  });

  it.each(MODES)('takes a 403 for one about the host as long as others are answered: %s', async (mode) => {
    const [host = ''] = hosts(1);
    const one = source({ mode });
    playGraph();
    expect(await one.lookUp([host], signal)).toMatchObject([{ kind: 'known' }]);
    playGraph({ hosts: { [host]: 'forbidden' } });
    expect(await one.lookUp([host], signal)).toMatchObject([{ kind: 'failed', fault: { kind: 'Malformed' } }]);
    playGraph({ forbidden: true });
    expect(await faultFrom(one.lookUp([host], signal))).toMatchObject({ kind: 'Refused' });
  });

  it('never takes what it cannot read for a reputation', async () => {
    const one = source();
    const answers = fc.record({ status: fc.constantFrom(200, 201, 302, 400, 418, 500), body: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(answers, async ({ status, body }) => {
        server.behave(batchOf({ id: '0', status, body }));
        const [outcome] = await one.lookUp(hosts(1), signal);
        expect(outcome?.kind).toBe('failed');
      }),
      { numRuns: 50 },
    );
  });
});
