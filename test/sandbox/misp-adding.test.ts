import { describe, expect, it } from 'vitest';
import { addBucket, BUCKET, domain, eventOf, heldIn, search, startMisp, uuidOf, valuesFor } from './misp-caller.ts';

const ADD = `/attributes/add/${BUCKET}`;
const SIMILAR = { value: ['A similar attribute already exists for this event.'] };

describe('adding to an event', () => {
  it('tells of each that is wrong by its place, and keeps the rest', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    const reply = await misp.post(ADD, [
      domain(1),
      { type: 'ip-dst', value: 'not an ip' },
      { type: 'domain', category: 'Payload installation', value: 'a.example.com' },
      { type: 'colour', value: 'red' },
      { value: 'x' },
      domain(2, { uuid: 'no-uuid' }),
      domain(3, { distribution: 7 }),
      domain(4, { first_seen: '2026-11-02T00:00:00Z', last_seen: '2026-11-01T00:00:00Z' }),
      domain(5, { first_seen: 'soon' }),
      domain(6, { value: ['a', 'b'] }),
      domain(7, { value: '' }),
      domain(8),
      domain(10, { category: 'Elsewhere' }),
      domain(9, { uuid: '0198d5c1-7b1a-7c3e-9d2a-0123456789ab' }),
    ]);
    expect(reply).toMatchObject({ status: 200, body: { Attribute: [{ id: '1' }, { id: '2' }] } });
    expect(reply.body).toHaveProperty('errors', {
      attribute_1: { value: ['IP address has an invalid format.'] },
      attribute_2: { type: ['Options depend on the selected category.'] },
      attribute_3: { type: ['Invalid type.'] },
      attribute_4: { type: ['No type set.'] },
      attribute_5: { uuid: ['Please provide a valid RFC 4122 UUID'] },
      attribute_6: { distribution: [expect.stringContaining('Options: Your organisation only')] },
      attribute_7: { last_seen: ['Last seen value should be greater than first seen value'] },
      attribute_8: { first_seen: ['Invalid ISO 8601 format'] },
      attribute_9: { value: ['Value is an array.'] },
      attribute_10: { value: ['Value cannot be empty.'] },
      attribute_12: {
        type: ['Options depend on the selected category.'],
        category: [expect.stringContaining('Options : Payload delivery')],
      },
      attribute_13: { uuid: ['Please provide a valid RFC 4122 UUID'] },
    });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'held', 'host8.example.com': 'held' });
  });

  it('has an object for one that it took and a list for several, with the tags elsewhere', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    const Tag = [{ name: 'tlp:amber' }];
    const one = await misp.post(ADD, [domain(1, { Tag }), { type: 'ip-dst', value: '?' }]);
    expect(one.body).toMatchObject({
      Attribute: { id: '1', value1: 'host1.example.com', value2: '' },
      AttributeTag: [{ attribute_id: '1', Tag: { name: 'tlp:amber' } }],
      errors: { attribute_1: {} },
    });
    const two = await misp.post(ADD, [domain(2, { Tag }), domain(3)]);
    expect(two.body).toMatchObject({ Attribute: [{ id: '2', Tag: [{ name: 'tlp:amber' }] }, { id: '3' }] });
    expect(two.body).not.toHaveProperty('errors');
  });

  it('answers 403 when it took none, flat for one', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, [domain(1), domain(2)]);
    const name = 'Could not add Attribute';
    const failed = { saved: false, name, message: name, url: '/attributes/add' };
    const one = { status: 403, body: { ...failed, errors: { ...SIMILAR, uuid: ['The UUID provided is not unique'] } } };
    expect(await misp.post(ADD, [domain(1)])).toEqual(expect.objectContaining(one));
    const fresh = (number: number) => domain(number, { uuid: uuidOf(number + 10) });
    const both = { ...failed, errors: { attribute_0: SIMILAR, attribute_1: SIMILAR } };
    expect(await misp.post(ADD, [fresh(1), fresh(2)])).toEqual(expect.objectContaining({ status: 403, body: both }));
  });

  it.each([
    ['case', 'https://example.com/Login', 'https://example.com/login'],
    ['accents', 'https://example.com/caf\u00E9', 'https://example.com/cafe'],
  ])('holds values for the same whatever their %s, URLs too', async (_what, first, second) => {
    const misp = await startMisp();
    await addBucket(misp);
    expect(await misp.post(ADD, { type: 'url', value: first })).toMatchObject({ status: 200 });
    expect(await misp.post(ADD, { type: 'url', value: second })).toMatchObject({
      status: 403,
      body: { errors: SIMILAR },
    });
    const other = { type: 'url', category: 'External analysis', value: second };
    expect(await misp.post(ADD, other)).toMatchObject({ status: 200 });
    await addBucket(misp, uuidOf(900));
    expect(await misp.post(`/attributes/add/${uuidOf(900)}`, { type: 'url', value: second })).toMatchObject({
      status: 200,
    });
    expect(await valuesFor(misp, { value: [second] })).toEqual([first, second, second]);
  });

  it('changes values before it stores them', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    const sent = [
      ['ip-dst', '2001:0DB8:0:0::1'],
      ['ip-dst', '192.0.2.7/32'],
      ['domain', '.EXAMPLE.com.'],
      ['domain', 'b\u00FCcher.example'],
      ['url', ' hxxps://a[.]example.com/X '],
      ['url', 'https://example.com/\u{1F600}'],
      ['sha1', 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709'],
      ['email-src', 'A[at]example.com'],
    ];
    await misp.post(
      ADD,
      sent.map(([type, value]) => ({ type, value })),
    );
    expect(await valuesFor(misp, { deleted: [0, 1] })).toEqual([
      '2001:db8::1',
      '192.0.2.7',
      'example.com',
      'xn--bcher-kva.example',
      'https://a.example.com/X',
      'https://example.com/?',
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      'a@example.com',
    ]);
  });

  it('changes the one of the same value when told not to break, which keeps its uuid', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, domain(1));
    misp.pass(5);
    const again = domain(1, { uuid: uuidOf(11), comment: 'New' });
    const reply = await misp.post(`${ADD}/breakOnDuplicate:0`, again);
    expect(reply).toMatchObject({ status: 200, body: { Attribute: { id: '1', uuid: uuidOf(1), comment: 'New' } } });
    expect(await search(misp, { uuid: [uuidOf(11)] })).toEqual([]);
    // What it looks for is what was sent, not what would be stored.
    await misp.post(`${ADD}/breakOnDuplicate:0`, domain(1, { uuid: uuidOf(12), value: 'host1[.]example.com' }));
    expect(await valuesFor(misp, { uuid: [uuidOf(12)] })).toEqual(['host1.example.com']);
  });

  it('has uuids once in the whole instance, even where the key cannot see', async () => {
    const misp = await startMisp({ takenUuids: [uuidOf(5)] });
    await addBucket(misp);
    await addBucket(misp, uuidOf(900));
    await misp.post(`/attributes/add/${uuidOf(900)}`, domain(1));
    await misp.post(`/attributes/delete/${uuidOf(1)}`);
    const taken = { status: 403, body: { errors: { uuid: ['The UUID provided is not unique'] } } };
    expect(await misp.post(ADD, domain(1))).toMatchObject(taken);
    expect(await misp.post(ADD, domain(5))).toMatchObject(taken);
    expect(await search(misp, { uuid: [uuidOf(5)], deleted: [0, 1] })).toEqual([]);
  });

  it('refuses what is in a warninglist only when asked, and what a filter refuses always', async () => {
    const lists = { 'Top 1000 websites': ['host1.example.com'], Resolvers: ['192.0.2.8', 'host1.example.com'] };
    const misp = await startMisp({ warninglists: lists, filtered: ['host9.example.com'] });
    await addBucket(misp);
    const reply = await misp.post(`${ADD}/enforceWarninglist:1`, [domain(1), domain(2)]);
    const veto = 'Attribute could not be saved as it trips over a warninglist and enforceWarninglist is enforced.';
    expect(reply).toMatchObject({ status: 200, body: { Attribute: { id: '1' }, errors: { attribute_0: veto } } });
    expect(await misp.post(ADD, domain(1, { enforceWarninglist: 1 }))).toMatchObject({
      status: 403,
      body: { errors: veto },
    });
    expect(await misp.post(ADD, domain(1))).toMatchObject({ status: 200 });
    const filtered = { value: ['This value is blocked by a regular expression in the import filters.'] };
    expect(await misp.post(ADD, domain(9))).toMatchObject({ status: 403, body: { errors: filtered } });
    expect(await valuesFor(misp, { uuid: [uuidOf(1), uuidOf(2)], enforceWarninglist: 1 })).toEqual([
      'host2.example.com',
    ]);
    const check = (values: unknown) => misp.post('/warninglists/checkValue', values);
    expect(await check(['host1.example.com', 'other.example.com'])).toMatchObject({
      body: {
        'host1.example.com': [
          { id: '1', name: 'Top 1000 websites', matched: 'host1.example.com' },
          { id: '2', name: 'Resolvers', matched: 'host1.example.com' },
        ],
      },
    });
    expect((await check(['other.example.com'])).body).toEqual([]);
  });
});

describe('making an event', () => {
  it('keeps what is right in silence, and of one value only the first', async () => {
    const misp = await startMisp();
    const Attribute = [domain(1), { type: 'ip-dst', value: 'not an ip' }, domain(1, { uuid: uuidOf(2) }), domain(3)];
    const reply = await misp.post('/events/add', { Event: { uuid: BUCKET, info: 'Bucket', Attribute } });
    expect(reply).toMatchObject({ status: 200, body: { Event: { attribute_count: '2', distribution: '1' } } });
    expect(reply.body).not.toHaveProperty('errors');
    expect(await valuesFor(misp, { eventid: BUCKET })).toEqual(['host1.example.com', 'host3.example.com']);
  });

  it('says where one is that there is already, and changes nothing', async () => {
    const misp = await startMisp();
    const id = await addBucket(misp);
    const again = await misp.post('/events/add', { Event: { uuid: BUCKET, info: 'Other', Attribute: [domain(1)] } });
    expect(again).toMatchObject({ status: 404, headers: { location: `${misp.url}/events/${id}` } });
    expect(await eventOf(misp)).toMatchObject({ info: 'Bucket', Attribute: [] });
  });

  it('says what is wrong with it', async () => {
    const misp = await startMisp();
    const add = (event: object) => misp.post('/events/add', { Event: event });
    expect(await add({ uuid: BUCKET })).toMatchObject({
      status: 403,
      body: { errors: { Event: { info: ['valueNotEmpty'] } } },
    });
    expect(await add({ info: 'Bucket', distribution: 9, threat_level_id: 5 })).toMatchObject({
      status: 403,
      body: {
        saved: false,
        errors: { Event: { threat_level_id: [expect.any(String)], distribution: [expect.any(String)] } },
      },
    });
    expect(await add({ info: 'Bucket', published: true })).toMatchObject({ status: 403 });
    expect(await misp.post('/events/add')).toMatchObject({ status: 405 });
  });

  it.each([
    [true, 403],
    [false, 200],
  ])('does not take back one that was deleted, where it blocks those: %s', async (blocklistsDeletedEvents, status) => {
    const misp = await startMisp({ blocklistsDeletedEvents });
    await addBucket(misp);
    await misp.post(ADD, domain(1));
    expect(await misp.post(`/events/delete/${BUCKET}`)).toMatchObject({
      status: 200,
      body: { message: 'Event deleted.' },
    });
    expect(misp.tip.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
    expect(await misp.get(`/events/view/${BUCKET}`)).toMatchObject({ status: 404, body: { message: 'Invalid event' } });
    expect(await misp.post(`/events/delete/${BUCKET}`)).toMatchObject({ status: 403 });
    expect(await misp.post('/events/add', { Event: { uuid: BUCKET, info: 'Bucket' } })).toMatchObject({ status });
  });
});
