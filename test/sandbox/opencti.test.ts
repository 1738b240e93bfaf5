import { afterEach, describe, expect, it } from 'vitest';
import {
  BEARER,
  COLLECTION,
  collection,
  graphql,
  indicator,
  nodes,
  PUSH_TYPE,
  password,
  push,
  pushed,
  send,
  start,
  status,
  username,
} from './opencti-caller.ts';
import { request, type TipServer } from './tip-server.ts';

const open: TipServer[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function served(...given: Parameters<typeof start>): Promise<TipServer> {
  const one = await start(...given);
  open.push(one);
  return one;
}

async function get(tip: TipServer, path: string, headers: Readonly<Record<string, string>> = BEARER) {
  return request(tip, { path, headers });
}

const ONE = JSON.stringify({ objects: [indicator('192.0.2.1')] });

describe("OpenCTI's TAXII", () => {
  it('tells where its root is, and promises longer bodies there than it takes', async () => {
    const tip = await served();
    const root = `${tip.url}/taxii2/root/`;
    expect((await get(tip, '/taxii2/')).json()).toMatchObject({ default: root, api_roots: [root] });
    const reply = await get(tip, '/taxii2/root/');
    expect(reply.json()).toMatchObject({ max_content_length: 104_857_600, versions: [PUSH_TYPE] });
    expect(reply.headers['content-type']).toBe('application/taxii+json; charset=utf-8; version=2.1');
  });

  it('has one collection, that is written and never read', async () => {
    const tip = await served();
    const shown = { id: collection, can_read: false, can_write: true };
    expect((await get(tip, '/taxii2/root/collections/')).json()).toMatchObject({ collections: [shown] });
    expect((await get(tip, COLLECTION)).json()).toMatchObject(shown);
    for (const path of [
      'manifest/',
      'objects/',
      'objects',
      'objects/indicator--1/',
      'objects/indicator--1/versions/',
    ]) {
      const reply = await get(tip, `${COLLECTION}${path}`);
      expect([path, reply.status]).toEqual([path, 403]);
      expect(reply.json()).toMatchObject({ http_status: 403, error_code: 'UNSUPPORTED_ERROR' });
    }
  });

  it('answers with or without a slash at the end, and with its start page to what it does not know', async () => {
    const tip = await served();
    expect((await get(tip, COLLECTION.slice(0, -1))).status).toBe(200);
    const lost = await get(tip, '/taxii/root/');
    expect(lost).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const reply = await request(tip, { method: 'POST', path: '/taxii2/nowhere/', headers: BEARER, body: '{}' });
    expect(reply).toMatchObject({ status: 404, text: '{"status":"error","error":"Path not found"}' });
  });

  it('lets the user in by token or password, and nobody else', async () => {
    const tip = await served();
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    expect((await get(tip, COLLECTION, { authorization: basic })).status).toBe(200);
    const stranger = await get(tip, COLLECTION, { authorization: 'Bearer other' });
    expect(stranger).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic, Bearer' } });
    expect(stranger.json()).toEqual({
      title: 'You must be logged in to do this.',
      error_code: 'AUTH_REQUIRED',
      http_status: 401,
    });
    tip.setFaults({ noTaxii: true });
    expect((await send(tip, ONE)).status).toBe(403);
    tip.setFaults({ noTaxii: false, unauthorised: true });
    expect((await send(tip, ONE)).status).toBe(401);
  });

  it('forbids a collection that there is not, and says 404 only to a push', async () => {
    const tip = await served();
    const path = '/taxii2/root/collections/00000000-0000-4000-8000-000000000000/';
    expect((await get(tip, path)).status).toBe(403);
    const headers = { ...BEARER, 'content-type': PUSH_TYPE };
    expect((await request(tip, { method: 'POST', path: `${path}objects/`, headers, body: ONE })).status).toBe(404);
  });

  it('deletes nothing, which is an error of its own', async () => {
    const tip = await served();
    const path = `${COLLECTION}objects/indicator--1/`;
    expect((await request(tip, { method: 'DELETE', path, headers: BEARER })).status).toBe(500);
  });

  it('is limited in requests', async () => {
    const tip = await served({}, undefined, { perSecond: 1 });
    expect((await get(tip, '/taxii2/')).status).toBe(200);
    expect(await get(tip, '/taxii2/')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(tip.tip.counts()).toMatchObject({ requests: 2, throttled: 1 });
  });
});

describe('a push to OpenCTI', () => {
  it('is answered with 200 and a work that is pending', async () => {
    const tip = await served();
    const reply = await send(tip, JSON.stringify({ objects: [indicator('192.0.2.1'), indicator('192.0.2.2')] }));
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({
      id: expect.stringMatching(/^work_.*_2026-11-24T08:00:00\.000Z$/),
      status: 'pending',
      request_timestamp: '2026-11-24T08:00:00.000Z',
      total_count: 2,
      success_count: 0,
      failure_count: 0,
      pending_count: 2,
    });
  });

  it.each([
    'application/taxii+json; version=2.1',
    'application/vnd.oasis.stix+json;version=2.1',
    'application/taxii+json;charset=utf-8;version="2.1"',
  ])('may be of type %s', async (type) => {
    expect((await send(await served(), ONE, { 'content-type': type })).status).toBe(200);
  });

  it.each([
    ['application/json', 400],
    ['application/taxii+json', 400],
    ['application/taxii+json;version=2.0', 400],
    ['application/stix+json;version=2.1', 400],
  ])('may not be of type %s', async (type, expected) => {
    expect((await send(await served(), ONE, { 'content-type': type })).status).toBe(expected);
  });

  it('without a type, or without objects, fails the server', async () => {
    const tip = await served();
    const untyped = await request(tip, { method: 'POST', path: `${COLLECTION}objects/`, headers: BEARER, body: ONE });
    expect(untyped.status).toBe(500);
    expect((await send(tip, '{"objects":[]}')).json()).toMatchObject({ title: 'Objects required', http_status: 500 });
    expect((await send(tip, '{"objects":{}}')).status).toBe(500);
    expect(await send(tip, '{"objects":')).toMatchObject({ status: 500 });
  });

  it('is read before anyone asks who sent it', async () => {
    const tip = await served({ maxBodyBytes: 10 });
    expect((await send(tip, ONE, { authorization: 'Bearer other' })).status).toBe(500);
    expect((await send(tip, ONE, { 'content-type': 'text/plain', authorization: 'Bearer other' })).status).toBe(401);
  });

  it.each([
    ['500', 500],
    ['redirect', 302],
    ['413', 413],
  ])('that is too large is answered with %s, and counts its bytes', async (tooLarge, expected) => {
    const wide = JSON.stringify({ objects: [indicator('192.0.2.1', { name: 'ü'.repeat(40) })] });
    const tip = await served({ tooLarge, maxBodyBytes: wide.length });
    expect((await send(tip, wide)).status).toBe(expected);
    tip.setFaults({ maxBodyBytes: Buffer.byteLength(wide) });
    expect((await send(tip, wide)).status).toBe(200);
  });

  it('to an ingester that is stopped is answered with 404', async () => {
    const tip = await served({ stopped: true });
    expect(await send(tip, ONE)).toMatchObject({ status: 404 });
    expect((await get(tip, COLLECTION)).status).toBe(404);
    expect((await get(tip, '/taxii2/root/collections/')).json()).toEqual({ collections: [] });
  });
});

describe('the status of a push', () => {
  it('has numbers only, and of several objects none until they are split', async () => {
    const tip = await served({ ingestAfterRequests: 1, excluded: ['192.0.2.2'] });
    const work = await push(tip, indicator('192.0.2.1'), indicator('192.0.2.2', { id: 'indicator--2' }));
    const still = { status: 'pending', total_count: null, pending_count: null, success_count: 0, failure_count: 0 };
    expect(await status(tip, work)).toMatchObject(still);
    const done = { status: 'complete', total_count: 2, success_count: 1, failure_count: 1, pending_count: 0 };
    expect(await status(tip, work)).toEqual({ id: work, request_timestamp: '2026-11-24T08:00:00.000Z', ...done });
  });

  it('of a work that there is not, or is not any more, fails the server', async () => {
    const tip = await served({ worksCleared: true, ingestAfterRequests: 0 });
    expect(await status(tip, 'work_none')).toMatchObject({ title: 'Work not found', http_status: 500 });
    const work = await push(tip, indicator('192.0.2.1'));
    expect(await status(tip, work)).toMatchObject({ http_status: 500 });
  });

  it('is of one work, also where two came in the same millisecond', async () => {
    const tip = await served();
    expect(await push(tip, indicator('192.0.2.1'))).not.toBe(await push(tip, indicator('192.0.2.2')));
  });
});

describe('what is kept of OpenCTI', () => {
  it('goes on from a snapshot, with what is on its way', async () => {
    const before = await served();
    await pushed(before, indicator('192.0.2.1'));
    await push(before, indicator('192.0.2.2'));
    const restore: unknown = JSON.parse(JSON.stringify(before.tip.snapshot()));
    const after = await served({}, undefined, { restore });
    expect(await nodes(after)).toHaveLength(1);
    expect(await nodes(after)).toHaveLength(2);
    await pushed(after, indicator('192.0.2.1'));
    expect(after.tip.counts()).toMatchObject({ holds: 2, duplicates: 1, updates: 0 });
    const found = await graphql(after, '{ about { version } }');
    expect(found.json()).toEqual({ data: { about: { version: '6.5.1' } } });
  });
});
