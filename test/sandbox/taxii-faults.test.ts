import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { indicator, indicatorId, OBJECTS, SECOND, start } from './taxii-caller.ts';

const statusId = z.object({ id: z.string() });

describe('an addition that is not there at once', () => {
  it('is pending until some requests have come, then complete', async () => {
    const taxii = await start({ appearsAfterRequests: 2 });
    const accepted = await taxii.post([indicator(1)]);
    expect(accepted.status).toBe(202);
    expect(accepted.json()).toMatchObject({
      status: 'pending',
      total_count: 1,
      pending_count: 1,
      success_count: 0,
      pendings: [{ id: indicatorId(1), version: '2026-01-01T00:00:00.000Z' }],
    });
    const { id } = statusId.parse(accepted.json());
    expect(await taxii.objects()).toEqual([]);
    expect((await taxii.get(`/api1/status/${id}/`)).json()).toMatchObject({ status: 'pending' });
    expect(await taxii.objects()).toHaveLength(1);
    expect((await taxii.get(`/api1/status/${id}/`)).json()).toMatchObject({ status: 'complete', success_count: 1 });
  });

  it('is not there before its time, either, and a copy under way is a duplicate', async () => {
    let now = new Date('2026-06-01T00:00:00Z');
    const taxii = await start({ appearsAfterMs: 60_000 }, { now: () => now });
    await taxii.post([indicator(1)]);
    await taxii.post([indicator(1)]);
    expect(await taxii.objects()).toEqual([]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 0, duplicates: 1 });
    now = new Date('2026-06-01T00:01:00Z');
    expect(await taxii.objects()).toHaveLength(1);
  });
});

describe('a status', () => {
  it('vanishes, or never completes, whatever became of the objects', async () => {
    const taxii = await start({ status: 'missing' });
    const { id } = statusId.parse((await taxii.post([indicator(1)])).json());
    expect((await taxii.get(`/api1/status/${id}/`)).status).toBe(404);
    taxii.setFaults({ status: 'stuck' });
    expect((await taxii.post([indicator(2)])).json()).toMatchObject({ status: 'pending', pending_count: 1 });
    expect((await taxii.get(`/api1/status/${id}/`)).json()).toMatchObject({ status: 'pending' });
    expect(await taxii.objects()).toHaveLength(2);
  });

  it('lists the values that fail and those that stay pending, and is silent on those that are dropped', async () => {
    const taxii = await start({
      failValues: ['192.0.2.1'],
      pendValues: ['192.0.2.2'],
      dropValues: ['192.0.2.3'],
      failMessage: 'No.',
    });
    expect((await taxii.post([1, 2, 3, 4].map((number) => indicator(number)))).json()).toMatchObject({
      status: 'pending',
      total_count: 4,
      failures: [{ id: indicatorId(1), message: 'No.' }],
      pendings: [{ id: indicatorId(2) }],
      successes: [{ id: indicatorId(3) }, { id: indicatorId(4) }],
    });
    expect(await taxii.objects()).toEqual([indicator(4)]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1 });
  });
});

describe('what stands in front of the server', () => {
  it('has limits of its own, which the API root does not know', async () => {
    const taxii = await start({ proxyBodyLimit: 100, longestPath: 200 });
    const large = await taxii.post([indicator(1)]);
    expect([large.status, large.headers['content-type']]).toEqual([413, 'text/html']);
    expect((await taxii.get('/api1/')).json()).toMatchObject({ max_content_length: 10_485_760 });
    expect((await taxii.get(`${OBJECTS}?match[id]=${'x'.repeat(200)}`)).status).toBe(414);
  });

  it('sends everything on to another host, also what changes something', async () => {
    const taxii = await start({ redirectsTo: 'https://elsewhere.invalid/' });
    const reply = await taxii.post([indicator(1)]);
    expect([reply.status, reply.headers['location']]).toEqual([308, `https://elsewhere.invalid${OBJECTS}`]);
    expect(taxii.tip.items()).toEqual([]);
  });

  it('is not to be had at times, and says for how long, as a number or as a date', async () => {
    const taxii = await start({ everyNth503: 2 }, { now: () => new Date('2026-06-01T00:00:00Z') });
    expect((await taxii.get('/taxii2/')).status).toBe(200);
    const away = await taxii.post([indicator(1)]);
    expect([away.status, away.headers['retry-after']]).toEqual([503, '1']);
    taxii.setFaults({ everyNth503: 1, retryAfterAs: 'date', retryAfterSeconds: 60 });
    expect((await taxii.get('/taxii2/')).headers['retry-after']).toBe('Mon, 01 Jun 2026 00:01:00 GMT');
    taxii.setFaults({ retryAfterSeconds: null });
    expect((await taxii.get('/taxii2/')).headers).not.toHaveProperty('retry-after');
    taxii.setFaults({ everyNth503: 0 });
    expect(await taxii.objects()).toEqual([]);
  });

  it('throttles', async () => {
    const taxii = await start({}, { perSecond: 0.001 });
    expect((await taxii.get('/taxii2/')).status).toBe(200);
    const throttled = await taxii.get('/taxii2/');
    expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect(taxii.tip.counts()).toMatchObject({ requests: 2, throttled: 1 });
  });
});

describe('an object that was revoked', () => {
  it.each([
    ['gone', 'gone', { success_count: 1 }],
    ['held', 'held', { success_count: 1 }],
    ['refused', 'gone', { failure_count: 1 }],
  ] as const)('and comes back is %s', async (afterRevocation, state, told) => {
    const taxii = await start({ afterRevocation });
    await taxii.post([indicator(1), indicator(1, { ...SECOND, revoked: true })]);
    expect(taxii.tip.items()).toMatchObject([{ state: 'gone' }]);
    expect((await taxii.post([indicator(1, { modified: '2026-01-03T00:00:00.000Z' })])).json()).toMatchObject(told);
    expect(taxii.tip.items()).toMatchObject([{ state }]);
  });
});
