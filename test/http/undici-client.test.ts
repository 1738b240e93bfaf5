import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exchange, HttpClient, HttpOptions } from '../../http/http-client.ts';
import type { Proxy } from '../../http/proxy.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { faultFrom } from './fault-from.ts';
import { type LoopbackApi, startLoopbackApi, startProxy } from './loopback-api.ts';

const signal = new AbortController().signal;
let api: LoopbackApi;
let opened: HttpClient[] = [];

beforeEach(async () => {
  api = await startLoopbackApi();
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
  await api.close();
});

function client(options: Partial<HttpOptions> = {}): HttpClient {
  const made = createHttpClient({ ca: api.ca, timeoutMs: 20_000, connections: 2, ...options });
  opened.push(made);
  return made;
}

describe('createHttpClient', () => {
  it('sends what it is given and returns any answer whole', async () => {
    api.behave(() => ({ status: 418, headers: { 'X-Shade': 'Brown', 'set-cookie': 'a=1' }, body: 'tést' }));
    const reply = await client().send({
      method: 'POST',
      url: `${api.url}/pots?size=2`,
      headers: { authorization: 'apikey x' },
      body: '{"a":1}',
      signal,
    });
    expect(reply).toMatchObject({ status: 418, text: 'tést', headers: { 'x-shade': 'Brown', 'set-cookie': 'a=1' } });
    expect(api.arrived).toMatchObject([
      { method: 'POST', path: '/pots?size=2', body: '{"a":1}', headers: { authorization: 'apikey x' } },
    ]);
  });

  it('follows no redirect and tries nothing twice', async () => {
    api.behave(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    expect(await client().send({ method: 'GET', url: `${api.url}/a`, signal })).toMatchObject({ status: 302 });
    api.behave(() => ({ status: 503 }));
    expect(await client().send({ method: 'GET', url: `${api.url}/b`, signal })).toMatchObject({ status: 503 });
    expect(api.arrived.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it('tells of each request what came of it', async () => {
    const seen: Exchange['outcome'][] = [];
    const observe = ({ outcome }: Exchange): void => {
      seen.push(outcome);
    };
    const patient = client({ observe });
    const hasty = client({ observe, timeoutMs: 60 });
    const get = { method: 'GET', url: `${api.url}/a`, signal } as const;
    await patient.send(get);
    api.behave(() => ({ status: 429 }));
    await patient.send(get);
    api.behave(() => 'silence');
    await expect(hasty.send(get)).rejects.toThrow();
    const stop = new AbortController();
    const given = patient.send({ ...get, signal: stop.signal });
    stop.abort();
    await expect(given).rejects.toThrow();
    expect(seen).toEqual([200, 429, 'unreachable', 'aborted']);
  });

  it('goes through a forward proxy, and trusts the given CA behind it', async () => {
    const proxy = await startProxy();
    const reply = await client({ proxy: { address: proxy.url, except: [] } }).send({
      method: 'GET',
      url: `${api.url}/a`,
      signal,
    });
    expect(reply.status).toBe(200);
    expect(proxy.tunnels).toEqual([new URL(api.url).host]);
    await proxy.close();
  });

  it('tells the proxy who we are, and goes past it to the hosts that are excepted', async () => {
    const proxy = await startProxy({ user: 'us', password: 'p:ß' });
    const get = { method: 'GET', url: `${api.url}/evil.example`, signal } as const;
    const through = (one: Partial<Proxy>) => client({ proxy: { address: proxy.url, except: [], ...one } }).send(get);
    const known = { user: 'us', password: 'p:ß' };
    expect(await through({ credentials: known })).toMatchObject({ status: 200 });
    expect(proxy.tunnels).toHaveLength(1);
    for (const except of ['127.0.0.1', '*', new URL(api.url).host]) {
      expect(await through({ except: [except] })).toMatchObject({ status: 200 });
    }
    expect(proxy.tunnels).toHaveLength(1);
    expect(await faultFrom(through({}))).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/^The proxy 127\.0\.0\.1:\d+ asks who we are \(407\): set network\.proxyUser/),
    });
    expect(await faultFrom(through({ credentials: { ...known, password: 'other' } }))).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/does not know us \(407\): check network\.proxyUser/),
    });
    await proxy.close();
  });

  it.each([
    [403, 'Refused', /does not let us through to 127\.0\.0\.1:\d+ \(403\): .*network\.noProxy/],
    [502, 'Unavailable', /could not reach 127\.0\.0\.1:\d+ \(502\)/],
    [503, 'Unavailable', /could not reach/],
  ] as const)('says what a proxy says that answers %i', async (status, kind, sentence) => {
    const proxy = await startProxy({ answers: status });
    const get = { method: 'GET', url: `${api.url}/evil.example`, signal } as const;
    const fault = await faultFrom(client({ proxy: { address: proxy.url, except: [] } }).send(get));
    expect(fault).toMatchObject({ kind, message: expect.stringMatching(sentence) });
    expect(fault.message).not.toContain('evil');
    await proxy.close();
  });

  it.each(['two\nlines', 'schlüssel-ł'])(
    'is Refused where a header cannot be made, and does not show it (%j)',
    async (key) => {
      const headers = { authorization: `apikey ${key}` };
      const fault = await faultFrom(client().send({ method: 'GET', url: `${api.url}/a`, headers, signal }));
      expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringMatching(/Look for a line break/) });
      expect(fault.message).not.toContain(key);
      expect(api.arrived).toEqual([]);
    },
  );

  it.each([
    ['no answer', () => 'silence' as const, 60, /did not answer in full within 0\.06 s/],
    ['an answer that is cut', () => 'cut' as const, 20_000, /could not be reached/],
  ])('is Unavailable at %s', async (_, behaviour, timeoutMs, sentence) => {
    api.behave(behaviour);
    const fault = await faultFrom(
      client({ timeoutMs }).send({ method: 'GET', url: `${api.url}/evil.example`, signal }),
    );
    expect(fault.kind).toBe('Unavailable');
    expect(fault.message).toMatch(sentence);
    expect(fault.message).not.toContain('evil');
  });

  it('is Unavailable where nobody listens', async () => {
    const gone = await startLoopbackApi();
    await gone.close();
    const fault = await faultFrom(client().send({ method: 'GET', url: `${gone.url}/evil.example`, signal }));
    expect(fault).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('ECONNREFUSED') });
    expect(fault.message).not.toContain('evil');
  });

  it('says which setting a certificate needs that nobody trusts', async () => {
    const stranger = createHttpClient({ timeoutMs: 20_000, connections: 1 });
    opened.push(stranger);
    const fault = await faultFrom(stranger.send({ method: 'GET', url: api.url, signal }));
    expect(fault).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('network.caFile') });
  });

  it("throws the signal's own reason when it is aborted, before or while it waits", async () => {
    const reason = new Error('cancelled');
    await expect(client().send({ method: 'GET', url: api.url, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(api.arrived).toEqual([]);
    const controller = new AbortController();
    api.behave(() => {
      controller.abort(reason);
      return 'silence';
    });
    await expect(client().send({ method: 'GET', url: api.url, signal: controller.signal })).rejects.toBe(reason);
  });
});
