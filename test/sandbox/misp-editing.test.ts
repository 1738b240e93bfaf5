import { describe, expect, it } from 'vitest';
import { AT, addBucket, BUCKET, domain, eventOf, heldIn, search, startMisp, uuidOf, valuesFor } from './misp-caller.ts';

const ADD = `/attributes/add/${BUCKET}`;
const EDIT = `/events/edit/${BUCKET}`;

describe('editing an event', () => {
  it('adds, changes and deletes by uuid, and leaves out in silence what is wrong', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, [domain(1), domain(2, { comment: 'Old' })]);
    misp.pass(1);
    const Attribute = [
      { uuid: uuidOf(1), deleted: 1 },
      { uuid: uuidOf(2), comment: 'New', last_seen: null },
      domain(3),
      { uuid: uuidOf(4), type: 'ip-dst', value: 'not an ip' },
      domain(2, { uuid: uuidOf(5) }),
    ];
    const reply = await misp.post(`${EDIT}/metadata:1`, { Event: { Attribute } });
    expect(reply).toMatchObject({ status: 200, body: { Event: { uuid: BUCKET, attribute_count: '2' } } });
    expect(reply.body).not.toHaveProperty('Event.Attribute');
    expect(reply.body).not.toHaveProperty('errors');
    expect(await search(misp, { eventid: [BUCKET], deleted: [0, 1] })).toMatchObject([
      { uuid: uuidOf(1), value: 'host1.example.com', deleted: true, timestamp: String(AT + 1) },
      { uuid: uuidOf(2), comment: 'New', value: 'host2.example.com' },
      { uuid: uuidOf(3) },
    ]);
  });

  it('passes over uuids that live elsewhere, and times that are no newer', async () => {
    const misp = await startMisp({ takenUuids: [uuidOf(8)] });
    await addBucket(misp);
    await addBucket(misp, uuidOf(900));
    await misp.post(`/attributes/add/${uuidOf(900)}`, domain(1));
    await misp.post(ADD, [domain(2), domain(3)]);
    misp.pass(1);
    const Attribute = [
      domain(1, { comment: 'New' }),
      domain(2, { comment: 'New', timestamp: AT }),
      domain(3, { comment: 'New', timestamp: String(AT + 1) }),
      domain(8),
    ];
    expect(await misp.post(EDIT, { Event: { Attribute } })).toMatchObject({ status: 200 });
    expect(await search(misp, { type: 'domain' })).toMatchObject([
      { uuid: uuidOf(1), comment: '' },
      { uuid: uuidOf(2), comment: '' },
      { uuid: uuidOf(3), comment: 'New' },
    ]);
  });

  it('wants a time of the event that is newer, where there is one', async () => {
    const misp = await startMisp();
    const id = await addBucket(misp);
    const edit = (timestamp?: number) => misp.post(EDIT, { Event: { info: 'New', ...(timestamp && { timestamp }) } });
    expect(await edit(AT)).toMatchObject({
      status: 403,
      body: {
        saved: false,
        id,
        errors: 'Event could not be saved: Event in the request not newer than the local copy.',
      },
    });
    expect(await edit(AT + 9)).toMatchObject({
      status: 200,
      body: { Event: { timestamp: String(AT + 9), info: 'New' } },
    });
    expect(await edit()).toMatchObject({ status: 200 });
    expect(await misp.post(EDIT, { Event: { distribution: 8 } })).toMatchObject({
      status: 403,
      body: { errors: { distribution: [expect.any(String)] } },
    });
    const elsewhere = { Event: { uuid: uuidOf(900), info: 'New' } };
    expect(await misp.post(EDIT, elsewhere)).toMatchObject({ status: 403 });
    expect(await misp.post(`/events/edit/${uuidOf(900)}`, elsewhere)).toMatchObject({ status: 404 });
  });

  it('looks at all before it stores any: two of one value both stay', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(EDIT, { Event: { Attribute: [domain(1), domain(1, { uuid: uuidOf(2) })] } });
    expect(await valuesFor(misp, { eventid: BUCKET })).toEqual(['host1.example.com', 'host1.example.com']);
    expect(misp.tip.counts()).toMatchObject({ holds: 1 });
  });

  it('fails as a whole when one uuid is new twice', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    const Attribute = [domain(1), domain(2), domain(3, { uuid: uuidOf(1) })];
    expect(await misp.post(EDIT, { Event: { Attribute } })).toMatchObject({ status: 500 });
    expect(heldIn(misp)).toEqual({});
  });

  it('does not look for the same value when it is to be fast', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, domain(1));
    const Attribute = [domain(1, { uuid: uuidOf(2) })];
    await misp.post(EDIT, { Event: { Attribute } });
    expect(misp.tip.items()).toHaveLength(1);
    await misp.post(`${EDIT}/fast_update:1`, { Event: { Attribute } });
    expect(misp.tip.items()).toHaveLength(2);
  });

  it('takes a warninglist for nothing', async () => {
    const misp = await startMisp({ warninglists: { Known: ['host1.example.com'] } });
    await addBucket(misp);
    await misp.post(EDIT, { Event: { Attribute: [domain(1, { enforceWarninglist: 1 })] } });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'held' });
  });
});

describe('editing one attribute', () => {
  it('changes what is sent of it', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, [domain(1, { first_seen: '2026-11-02T00:00:00Z' }), domain(2)]);
    misp.pass(1);
    const edit = (fields: object) => misp.post(`/attributes/edit/${uuidOf(1)}`, fields);
    expect(await edit({ Attribute: { comment: 'New', first_seen: null } })).toMatchObject({
      status: 200,
      body: {
        Attribute: { comment: 'New', first_seen: '2026-11-02T00:00:00.000000+00:00', timestamp: String(AT + 1) },
      },
    });
    const failed = { status: 403, body: { saved: false, name: 'Could not edit Attribute' } };
    expect(await edit({ last_seen: '2026-11-01T00:00:00Z' })).toMatchObject(failed);
    expect(await edit({ value: 'HOST2.example.com' })).toMatchObject(failed);
    expect(await edit({ timestamp: AT + 1, comment: 'Newer' })).toMatchObject({
      status: 405,
      body: { message: 'Attribute could not be saved: Attribute in the request not newer than the local copy.' },
    });
    expect(await misp.post(`/attributes/edit/${uuidOf(9)}`, {})).toMatchObject({ status: 404 });
    expect(await misp.post('/attributes/edit/none', {})).toMatchObject({
      status: 404,
      body: { message: 'Invalid attribute ID.' },
    });
  });
});

describe('publishing', () => {
  it.each([
    ['running', 'Job queued', true],
    ['stuck', 'Job queued', false],
    ['none', 'Event published without alerts', true],
  ])('is queued where there are workers: %s', async (workers, message, published) => {
    const misp = await startMisp({ workers });
    const id = await addBucket(misp);
    expect(await misp.post(`/events/publish/${id}`)).toMatchObject({ status: 200, body: { saved: true, message, id } });
    expect(await eventOf(misp)).toMatchObject({ published });
  });

  it.each([
    ['adding', ADD, domain(2)],
    ['an edit of the event', EDIT, { Event: { info: 'New' } }],
    ['an edit', `/attributes/edit/${uuidOf(1)}`, { comment: 'New' }],
    ['a deletion', `/attributes/delete/${uuidOf(1)}`, {}],
    ['a deletion of many', '/attributes/deleteSelected/1', [1]],
    ['a tag', '/tags/attachTagToObject', { uuid: uuidOf(1), tag: 'new' }],
  ])('is undone by %s', async (_what, path, body) => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, domain(1));
    await misp.post('/events/publish/1');
    misp.pass(3);
    expect(await misp.post(path, body)).toMatchObject({ status: 200 });
    expect(await eventOf(misp)).toMatchObject({ published: false, timestamp: String(AT + 3) });
  });

  it('is not undone by a write that took nothing', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post('/events/publish/1');
    await misp.post(ADD, { type: 'ip-dst', value: 'not an ip' });
    expect(await eventOf(misp)).toMatchObject({ published: true });
  });
});
