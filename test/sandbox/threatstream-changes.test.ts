import { describe, expect, it } from 'vitest';
import {
  change,
  idsOf,
  importAll,
  imported,
  json,
  NOW,
  objectsOf,
  start,
  through,
  valuesFor,
} from './threatstream-caller.ts';

type Api = ReturnType<typeof start>['api'];

async function held(api: Api): Promise<number> {
  await imported(api, ['192.0.2.1']);
  const [id = 0] = await idsOf(api, 'value=192.0.2.1');
  return id;
}

describe('a change of an observable by its id', () => {
  it('sets all that it names, and nothing else', async () => {
    const { api } = start();
    const id = await held(api);
    const before = api.holdings()[0];
    const fields = {
      itype: 'c2_ip',
      tlp: 'amber',
      severity: 'low',
      confidence: 91,
      expiration_ts: '2027-03-01T00:00:00',
    };
    expect(await change(api, id, fields)).toMatchObject({ status: 200 });
    const changed = { itype: 'c2_ip', tlp: 'amber', severity: 'low', confidence: 91 };
    expect(api.holdings()).toEqual([{ ...before, ...changed, expiration: '2027-03-01T00:00:00.000Z' }]);
    await change(api, id, { expiration_ts: 'null', tlp: null });
    expect(api.holdings()).toMatchObject([{ expiration: null, tlp: null, confidence: 91 }]);
  });

  it.each([
    { status: 'gone' },
    { severity: 'enormous' },
    { confidence: 101 },
    { confidence: '90' },
    { tlp: 'purple' },
    { itype: 'mal_domain' },
    { expiration_ts: 'tomorrow' },
  ])('is declined for %j, and changes nothing then', async (fields) => {
    const { api } = start();
    const id = await held(api);
    const before = api.holdings();
    expect(await change(api, id, { severity: 'low', ...fields })).toMatchObject({ status: 400 });
    expect(api.holdings()).toEqual(before);
    expect(api.counts()).toMatchObject({ updates: 0 });
  });

  it.each([
    ['object', 200, true],
    ['accepted', 202, true],
    ['mute', 202, false],
  ] as const)('answers with %s', async (changeReply, status, hasBody) => {
    const { api } = start({ changeReply });
    const id = await held(api);
    const reply = await change(api, id, { confidence: 12 });
    expect(reply).toMatchObject({ status });
    const body = reply === 'cut' ? '' : reply.body;
    if (hasBody) expect(JSON.parse(body)).toMatchObject({ id, confidence: 12, value: '192.0.2.1' });
    else expect(body).toBe('');
  });

  it('comes later in the order of updates, and is modified then', async () => {
    let now = NOW;
    const { api } = start({ polls: 0 }, undefined, () => now);
    await imported(api, ['192.0.2.1', '192.0.2.2']);
    const [first = 0] = await idsOf(api, 'value=192.0.2.1');
    now = new Date('2026-11-24T09:00:00Z');
    await change(api, first, { confidence: 12 });
    expect(await valuesFor(api, '')).toEqual(['192.0.2.2', '192.0.2.1']);
    expect(await valuesFor(api, 'modified_ts__gte=2026-11-24T09:00:00')).toEqual(['192.0.2.1']);
    expect(await valuesFor(api, 'modified_ts__gt=2026-11-24T09:00:00')).toEqual([]);
    expect(await valuesFor(api, 'created_ts__gte=2026-11-24T08:30:00')).toEqual([]);
  });

  it('withdraws, as inactive or as a false positive, and brings back', async () => {
    const { api } = start();
    const id = await held(api);
    for (const status of ['inactive', 'falsepos']) {
      await change(api, id, { status });
      expect(await valuesFor(api, '')).toEqual([]);
      expect(await objectsOf(api, `/api/v2/intelligence/?status=${status}`)).toMatchObject([{ id, status }]);
      expect(api.holdings()).toMatchObject([{ status: 'gone' }]);
      await change(api, id, { confidence: 17 });
      await change(api, id, { status: 'active' });
      expect(await idsOf(api, 'value=192.0.2.1')).toEqual([id]);
    }
    // What is not held cannot be changed as it is held.
    expect(api.counts()).toMatchObject({ holds: 1, withdrawn: 2, updates: 0 });
  });

  it('does not touch what there is not, or what is another organisation’s', async () => {
    const { api } = start({ foreignCopies: 1 });
    const foreign = await held(api);
    expect(await change(api, 5, { severity: 'low' })).toMatchObject({ status: 404 });
    expect(await change(api, foreign, { severity: 'low' })).toMatchObject({ status: 403 });
    expect(api.counts()).toMatchObject({ foreignTouched: 1, updates: 0 });
  });

  it('fails for a value that is broken', async () => {
    const { api, setFaults } = start();
    const id = await held(api);
    setFaults({ broken: { changes: ['192.0.2.1'] } });
    expect(await change(api, id, { severity: 'low' })).toMatchObject({ status: 500 });
  });
});

describe('the end of an observable that is not active', () => {
  const END = { expiration_ts: '2027-03-01T00:00:00' };

  it('cannot be changed, unless it is set active with it', async () => {
    const { api } = start();
    const id = await held(api);
    expect(await change(api, id, { status: 'inactive', ...END })).toMatchObject({ status: 400 });
    await change(api, id, { status: 'inactive' });
    expect(await change(api, id, END)).toMatchObject({ status: 400 });
    expect(await change(api, id, { status: 'active', ...END })).toMatchObject({ status: 200 });
    expect(api.holdings()).toMatchObject([{ status: 'active', expiration: '2027-03-01T00:00:00.000Z' }]);
  });

  it.each([
    ['ignored', '2027-02-22T08:00:00.000Z', 71],
    [false, '2027-03-01T00:00:00.000Z', 71],
    [true, '2027-02-22T08:00:00.000Z', 50],
  ] as const)(
    'while it waits for a review, with expiryNeedsActive %s',
    async (expiryNeedsActive, expiration, confidence) => {
      const { api } = start({ expiryNeedsActive });
      const { id: session } = await importAll(api, ['192.0.2.1']);
      await through(api, session);
      const [id = 0] = await idsOf(api, 'status=inactive');
      await change(api, id, { ...END, confidence: 71 });
      expect(api.holdings()).toMatchObject([{ status: 'awaiting-review', expiration, confidence }]);
    },
  );
});

describe('a write without approval', () => {
  async function write(api: Api, objects: readonly unknown[], meta: Readonly<Record<string, unknown>> = {}) {
    const body = JSON.stringify({ objects, meta: { classification: 'private', allow_unresolved: true, ...meta } });
    await json(api, 'GET', '/api/v2/intelligence/');
    const reply = await api.handle({
      method: 'PATCH',
      path: '/api/v2/intelligence/',
      query: new URLSearchParams(),
      headers: { authorization: 'apikey analyst@example.com:key' },
      body,
    });
    await json(api, 'GET', '/api/v2/intelligence/');
    return reply;
  }

  it('has an object win over meta', async () => {
    const { api } = start({ polls: 0 });
    const meta = {
      confidence: 10,
      severity: 'low',
      expiration_ts: '2027-01-01T00:00:00',
      source_confidence_weight: 100,
    };
    const own = { classification: 'public', confidence: 20, severity: 'high', expiration_ts: 'null' };
    await write(
      api,
      [
        { email: 'a@example.com', itype: 'spam_email', ...own },
        { srcip: '192.0.2.1', itype: 'mal_ip' },
      ],
      meta,
    );
    expect(api.holdings()).toMatchObject([
      { value: 'a@example.com', confidence: 20, severity: 'high', expiration: null },
      { value: '192.0.2.1', confidence: 10, severity: 'low', expiration: '2027-01-01T00:00:00.000Z' },
    ]);
    expect(api.counts()).toMatchObject({ publicShares: 1 });
  });

  it('takes a hash or an e-mail address without a confidence for a false positive', async () => {
    const { api } = start({ polls: 0 });
    const hash = 'd41d8cd98f00b204e9800998ecf8427e';
    await write(api, [
      { md5: hash, itype: 'mal_md5' },
      { email: 'a@example.com', itype: 'spam_email' },
    ]);
    expect(await valuesFor(api, 'status=falsepos')).toEqual([hash, 'a@example.com']);
    expect(api.counts()).toMatchObject({ holds: 0 });
  });

  it('takes tags as texts, which are public, or with a TLP', async () => {
    const { api } = start({ polls: 0 });
    const tags = [['open', { name: 'own', tlp: 'red' }], [{ name: 'own', tlp: 'red' }], [7]];
    const objects = tags.map((own, index) => ({ srcip: `192.0.2.${index}`, itype: 'mal_ip', tags: own }));
    await write(api, objects);
    expect(api.holdings().map(({ tags: names, publicTags }) => [names, publicTags])).toEqual([
      [['open', 'own'], ['open']],
      [['own'], []],
    ]);
  });
});
