import { assert, domain, integer, property } from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { createGraphApi, type GraphApi } from '../../sandbox/graph/graph-api.ts';
import { graphFaults } from '../../sandbox/graph/graph-faults.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';

const TOKEN = 'Bearer good';

function graph(faults: z.input<typeof graphFaults> = {}, perSecond?: number): GraphApi {
  const parsed = graphFaults.parse(faults);
  return createGraphApi({
    seed: 1,
    checkToken: (header, audience) => header === TOKEN && audience === 'https://graph.microsoft.com',
    faults: () => parsed,
    ...(perSecond === undefined ? {} : { perSecond }),
  });
}

async function call(api: GraphApi, method: string, path: string, body: unknown = '', authorization = TOKEN) {
  const reply = await api.handle({
    method,
    path: `/v1.0${path}`,
    query: new URLSearchParams(),
    headers: { authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  if (reply === 'cut') throw new Error('Graph does not cut connections.');
  return reply;
}

const reputation = z.object({ score: z.number(), classification: z.string(), rules: z.array(z.unknown()) });
const batchBody = z.object({
  responses: z.array(
    z.object({ id: z.string(), status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
  ),
});

function pathOf(host: string): string {
  return `/security/threatIntelligence/hosts/${encodeURIComponent(host)}/reputation`;
}

function hosts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `host-${index}.example.com`);
}

async function batch(api: GraphApi, names: readonly string[]) {
  const requests = names.map((host, index) => ({ id: String(index), method: 'GET', url: pathOf(host) }));
  const reply = await call(api, 'POST', '/$batch', { requests });
  return { status: reply.status, body: reply.status === 200 ? batchBody.parse(JSON.parse(reply.body)) : null };
}

describe('the reputation of a host', () => {
  it('is the same by segment, by key and in a batch', async () => {
    const api = graph({ notFoundShare: 0 });
    const host = '2001:db8::1';
    const single = JSON.parse((await call(api, 'GET', pathOf(host))).body);
    const keyed = JSON.parse((await call(api, 'GET', `/security/threatIntelligence/hosts('${host}')/reputation`)).body);
    const { body } = await batch(api, [host]);
    expect(keyed).toEqual(single);
    expect(body?.responses[0]?.body).toEqual(single);
    expect(reputation.parse(single)).toBeDefined();
    expect(api.counts()).toEqual({ requests: 3, inner: 1, throttled: 0, lookUps: 3, lookedUpAgain: 1 });
  });

  it('has the shares and brackets that are promised', () => {
    const all = hosts(4_000).map((host) => madeUpReputation(7, host));
    const share = (classification: string | undefined) =>
      all.filter((body) => body?.classification === classification).length / all.length;
    expect(share('malicious')).toBeCloseTo(0.45, 1);
    expect(share('suspicious')).toBeCloseTo(0.2, 1);
    expect(share('neutral')).toBeCloseTo(0.15, 1);
    expect(share('unknown')).toBeCloseTo(0.1, 1);
    expect(share(undefined)).toBeCloseTo(0.1, 1);
    expect(all.some((body) => body?.rules.some(({ relatedDetailsUrl }) => relatedDetailsUrl === null))).toBe(true);
  });

  it('fits its bracket for any host and seed', () => {
    const brackets = { malicious: [75, 100], suspicious: [50, 74], neutral: [25, 49], unknown: [0, 0] } as const;
    assert(
      property(integer(), domain(), (seed, host) => {
        const body = madeUpReputation(seed, host, 0);
        if (body === null) return false;
        const [from, to] = brackets[body.classification];
        return body.score >= from && body.score <= to && (body.classification !== 'unknown' || body.rules.length === 0);
      }),
    );
  });

  it.each(['Upper.example.com', 'dot.example.com.', 'http://example.com/', 'a b.example'])(
    'refuses %s',
    async (host) => {
      expect((await call(graph(), 'GET', pathOf(host))).status).toBe(400);
    },
  );

  it('wants a token', async () => {
    const reply = await call(graph(), 'GET', pathOf('a.example.com'), '', 'Bearer other');
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });
});

describe('a reputation that is set', () => {
  const faults: z.input<typeof graphFaults> = {
    notFoundShare: 0,
    reputations: {
      'a.example.com': { score: 3, classification: 'unknown', rules: [{ name: 'Name server' }] },
      'b.example.com': null,
    },
  };

  it('is told instead of what is made up, alone and in a batch', async () => {
    const api = graph(faults);
    const { body } = await batch(api, ['a.example.com', 'b.example.com', 'c.example.com']);
    const answers = new Map(body?.responses.map(({ id, status, body: answered }) => [id, { status, answered }]));
    const rule = { name: 'Name server', description: '', severity: 'medium', relatedDetailsUrl: null };
    expect(answers.get('0')).toMatchObject({
      status: 200,
      answered: { score: 3, classification: 'unknown', rules: [rule] },
    });
    expect(answers.get('1')).toMatchObject({ status: 404 });
    expect(answers.get('2')).toEqual({ status: 200, answered: madeUpReputation(1, 'c.example.com', 0) });
    expect((await call(api, 'GET', pathOf('b.example.com'))).status).toBe(404);
  });

  it('can be asked for without a look-up', () => {
    const api = graph(faults);
    const made = madeUpReputation(1, 'constructor', 0);
    expect(api.reputations(['a.example.com', 'b.example.com', 'constructor', 'No Host'])).toEqual({
      'a.example.com': { score: 3, classification: 'unknown' },
      'b.example.com': null,
      constructor: { score: made?.score, classification: made?.classification },
      'No Host': null,
    });
    expect(api.counts()).toMatchObject({ requests: 0, lookUps: 0, lookedUpAgain: 0 });
  });
});

test('hosts that are looked up again are counted once each, however often that is', async () => {
  const api = graph({ reputations: { 'host-1.example.com': null } });
  await batch(api, hosts(5));
  expect(api.counts()).toMatchObject({ lookUps: 5, lookedUpAgain: 0 });
  for (let time = 0; time < 3; time += 1) await batch(api, hosts(2));
  expect(api.counts()).toMatchObject({ lookUps: 11, lookedUpAgain: 2 });
});

describe('$batch', () => {
  it('answers all of 20 in another order, and refuses 21, an id twice and an absolute url', async () => {
    const api = graph();
    const { body } = await batch(api, hosts(20));
    const ids = body?.responses.map(({ id }) => id) ?? [];
    expect(ids.toSorted((a, b) => Number(a) - Number(b))).toEqual(hosts(20).map((_, index) => String(index)));
    expect(ids).not.toEqual(hosts(20).map((_, index) => String(index)));
    expect((await batch(api, hosts(21))).status).toBe(400);
    const step = { id: '1', method: 'GET', url: pathOf('a.example.com') };
    expect((await call(api, 'POST', '/$batch', { requests: [step, step] })).status).toBe(400);
    const absolute = { ...step, url: `https://graph.microsoft.com/v1.0${step.url}` };
    expect((await call(api, 'POST', '/$batch', { requests: [absolute] })).status).toBe(400);
  });

  it('throttles, fails and garbles single requests inside a 200', async () => {
    const api = graph({ everyNthInner429: 5, everyNthInner500: 7, unreadable: 9, notFoundShare: 0 });
    const { status, body } = await batch(api, hosts(20));
    expect(status).toBe(200);
    const by = (wanted: number) => body?.responses.filter((inner) => inner.status === wanted) ?? [];
    expect(by(429)).toHaveLength(4);
    expect(by(429)[0]?.headers).toMatchObject({ 'Retry-After': '1' });
    expect(by(500)).toHaveLength(2);
    expect(by(200).filter((inner) => !reputation.safeParse(inner.body).success)).toHaveLength(2);
    expect(api.counts()).toEqual({ requests: 1, inner: 20, throttled: 4, lookUps: 12, lookedUpAgain: 0 });
  });

  it('counts each of its requests against the limit', async () => {
    const api = graph({}, 5);
    const { body } = await batch(api, hosts(20));
    expect(body?.responses.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(14);
  });
});

describe('a fault of the whole service', () => {
  it.each([
    [{ noBatch: true }, 400],
    [{ everyNth429: 1 }, 429],
    [{ everyNth503: 1 }, 503],
    [{ everyNthHtml: 1 }, 502],
  ])('%j answers a batch %i', async (faults, status) => {
    expect((await batch(graph(faults), ['a.example.com'])).status).toBe(status);
  });

  it('shows a missing licence as a 500 and a missing permission as a 403, inside the batch', async () => {
    const licence = await batch(graph({ licence: true }), ['a.example.com']);
    expect(licence.body?.responses[0]).toMatchObject({
      status: 500,
      body: { error: { code: 'generalException', message: 'Error retrieving reputation' } },
    });
    const forbidden = await batch(graph({ forbidden: true }), ['a.example.com']);
    expect(forbidden.body?.responses[0]?.status).toBe(403);
  });
});
