import { expect, it } from 'vitest';
import { AT, addBucket, BUCKET, domain, eventOf, heldIn, KEY, search, startMisp, uuidOf } from './misp-caller.ts';
import { request } from './tip-server.ts';

const JSON_WANTED = { accept: 'application/json' };

it('asks for the key, in the header and as it is', async () => {
  const misp = await startMisp();
  for (const authorization of ['', `Bearer ${KEY}`, 'another']) {
    const headers = { ...JSON_WANTED, authorization };
    const reply = await request(misp, { path: '/servers/getVersion', headers });
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({ message: expect.stringContaining('Authentication failed.') });
  }
  expect(await misp.get('/servers/getVersion')).toMatchObject({ status: 200, body: { version: '2.5.34' } });
});

it('sends those to the page for people who do not ask for JSON', async () => {
  const misp = await startMisp();
  const reply = await request(misp, { path: '/servers/getVersion', headers: { authorization: KEY } });
  expect(reply).toMatchObject({ status: 302, headers: { location: `${misp.url}/users/login` } });
});

it.each([
  ['expired', 'Auth key is expired'],
  ['disabled', 'Authentication failed. Your user account has been disabled.'],
  ['wrong-address', 'It is not possible to use this Auth key from your IP address'],
])('says why a key does not do: %s', async (key, message) => {
  const misp = await startMisp({ key });
  expect(await misp.get('/users/view/me')).toMatchObject({ status: 403, body: { name: message, message } });
});

it('tells what the role may, but not that the key is for reading', async () => {
  const misp = await startMisp({ key: 'read-only', role: { tags: false } });
  expect(await misp.get('/users/view/me')).toMatchObject({
    status: 200,
    body: { Role: { perm_add: true, perm_tagger: false, perm_tag_editor: true, rate_limit_count: '0' } },
  });
  const reply = await misp.post('/events/add', { Event: { uuid: BUCKET, info: 'Bucket' } });
  const message = 'You do not have permission to use this functionality.';
  expect(reply).toEqual(expect.objectContaining({ status: 403, body: { name: message, message, url: '/events/add' } }));
  expect(await misp.post('/attributes/restSearch', { uuid: [uuidOf(1)] })).toMatchObject({ status: 200 });
});

it('writes numbers as texts and small ones as booleans', async () => {
  const misp = await startMisp();
  const id = await addBucket(misp);
  const { status, body } = await misp.post(`/attributes/add/${BUCKET}`, [
    domain(1, { first_seen: '2026-11-01T00:00:00Z', last_seen: '2026-11-02T03:04:05.6Z' }),
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    Attribute: {
      id: '1',
      event_id: id,
      category: 'Network activity',
      to_ids: true,
      deleted: false,
      timestamp: String(AT),
      distribution: '5',
      first_seen: '2026-11-01T00:00:00.000000+00:00',
      last_seen: '2026-11-02T03:04:05.600000+00:00',
      value: 'host1.example.com',
    },
  });
  expect(await eventOf(misp)).toMatchObject({
    id,
    attribute_count: '1',
    distribution: '0',
    published: false,
    publish_timestamp: '0',
    Orgc: { id: '1' },
  });
});

it('declines what is no JSON, and knows no other paths', async () => {
  const misp = await startMisp();
  const headers = { ...JSON_WANTED, authorization: KEY };
  const reply = await request(misp, { method: 'POST', path: '/events/add', headers, body: '{"Event":' });
  expect(reply.status).toBe(405);
  expect(reply.json()).toMatchObject({ message: expect.stringContaining('Invalid JSON input.') });
  expect(await misp.get('/events/nothing')).toMatchObject({ status: 404 });
  expect(await misp.get('/attributes/add/1')).toMatchObject({ status: 405 });
});

it('keeps everything across a restart', async () => {
  const first = await startMisp();
  await addBucket(first, BUCKET, { Tag: [{ name: 'tlp:amber' }] });
  await first.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2, { Tag: [{ name: 'mdti:score="75-89"' }] })]);
  await first.post(`/attributes/delete/${uuidOf(1)}`);
  const saved: unknown = JSON.parse(JSON.stringify(first.tip.snapshot()));
  const second = await startMisp({}, saved);
  expect(second.tip.items()).toEqual(first.tip.items());
  expect(second.tip.counts()).toMatchObject({ requests: 0, holds: 1, withdrawn: 1 });
  expect(await eventOf(second)).toMatchObject({ Tag: [{ name: 'tlp:amber' }] });
  expect(await search(second, { uuid: [uuidOf(2)] })).toMatchObject([
    { id: '2', Tag: [{ name: 'mdti:score="75-89"' }] },
  ]);
  expect(await second.post(`/attributes/add/${BUCKET}`, domain(3))).toMatchObject({ body: { Attribute: { id: '3' } } });
  await expect(startMisp({}, { events: 'none' })).rejects.toThrow('events');
});

it('counts what is held, came again, changed and was withdrawn', async () => {
  const misp = await startMisp();
  await addBucket(misp);
  await misp.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2), domain(3, { to_ids: false })]);
  expect(misp.tip.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 0, withdrawn: 0 });
  await misp.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2, { comment: 'New' })]);
  expect(misp.tip.counts()).toMatchObject({ holds: 2, duplicates: 1, updates: 0 });
  misp.pass(1);
  await misp.post(`/events/edit/${BUCKET}`, { Event: { Attribute: [domain(1), domain(2, { comment: 'New' })] } });
  expect(misp.tip.counts()).toMatchObject({ holds: 2, duplicates: 2, updates: 1 });
  await misp.post(`/attributes/edit/${uuidOf(1)}`, { to_ids: 0 });
  await misp.post(`/attributes/delete/${uuidOf(2)}`);
  expect(misp.tip.counts()).toMatchObject({ holds: 0, duplicates: 2, updates: 1, withdrawn: 2 });
  expect(heldIn(misp)).toEqual({
    'host1.example.com': 'gone',
    'host2.example.com': 'gone',
    'host3.example.com': 'gone',
  });
});

it('answers 500 to writes of a value that is broken, and 503 to too many at once', async () => {
  const misp = await startMisp({ broken: ['host1.example.com'], mostAttributes: 2 });
  await addBucket(misp);
  const message = 'An Internal Error Has Occurred.';
  expect(await misp.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2)])).toMatchObject({
    status: 500,
    body: { message },
  });
  const three = [domain(2), domain(3), domain(4)];
  expect(await misp.post(`/attributes/add/${BUCKET}`, three)).toMatchObject({ status: 503 });
  const edit = { Event: { Attribute: three } };
  expect(await misp.post(`/events/edit/${BUCKET}`, edit)).toMatchObject({ status: 503 });
  expect(heldIn(misp)).toEqual({});
  misp.setFaults({ tooManyAre: 'taken' });
  expect(await misp.post(`/attributes/add/${BUCKET}`, three)).toMatchObject({ status: 503 });
  expect(Object.keys(heldIn(misp))).toHaveLength(3);
});

it('fails at events that have too much in them', async () => {
  const misp = await startMisp({ mostInEvent: 2 });
  await addBucket(misp);
  await addBucket(misp, uuidOf(900));
  await misp.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2)]);
  expect(await misp.post(`/attributes/add/${BUCKET}`, domain(3))).toMatchObject({ status: 200 });
  expect(await misp.post(`/attributes/add/${BUCKET}`, domain(4))).toMatchObject({ status: 500 });
  expect(await misp.post(`/events/edit/${BUCKET}`, { Event: {} })).toMatchObject({ status: 500 });
  expect(await misp.get(`/events/view/${BUCKET}`)).toMatchObject({ status: 500 });
  expect(await misp.post(`/attributes/add/${uuidOf(900)}`, domain(4))).toMatchObject({ status: 200 });
  expect(await search(misp, { uuid: [uuidOf(3)] })).toHaveLength(1);
});

it('limits searches alone, by its own headers', async () => {
  const misp = await startMisp({ searches: 2 });
  await addBucket(misp);
  const ask = () => misp.post('/attributes/restSearch', { uuid: [uuidOf(1)] });
  expect(await ask()).toMatchObject({ status: 200, headers: { 'x-rate-limit-remaining': '1' } });
  misp.pass(10);
  expect(await ask()).toMatchObject({ status: 200 });
  const reply = await ask();
  expect(reply).toMatchObject({
    status: 429,
    headers: { 'x-rate-limit-limit': '2', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '890' },
    body: { message: 'Rate limit exceeded.' },
  });
  expect(reply.headers).not.toHaveProperty('retry-after');
  expect(misp.tip.counts()).toMatchObject({ throttled: 1 });
  expect(await misp.post(`/attributes/add/${BUCKET}`, domain(1))).toMatchObject({ status: 200 });
  misp.pass(890);
  expect(await ask()).toMatchObject({ status: 200 });
  misp.setFaults({ searches: 0 });
  expect(await ask()).toMatchObject({ status: 405 });
});
