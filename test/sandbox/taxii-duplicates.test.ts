import { describe, expect, it } from 'vitest';
import { indicator, indicatorId, OBJECTS, SECOND, start } from './taxii-caller.ts';

const MARKING = {
  type: 'marking-definition',
  spec_version: '2.1',
  id: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  created: '2022-10-01T00:00:00.000Z',
  name: 'TLP:AMBER',
};
const ALL = `${OBJECTS}?match[version]=all`;

describe('a server like medallion', () => {
  it('calls what it has already a failure, in a status that is complete', async () => {
    const taxii = await start();
    await taxii.post([indicator(1)]);
    expect((await taxii.post([indicator(1), indicator(2)])).json()).toMatchObject({
      status: 'complete',
      success_count: 1,
      failure_count: 1,
      failures: [{ id: indicatorId(1), version: '2026-01-01T00:00:00.000Z', message: 'Unable to process object' }],
    });
    // What is there stays, whatever came under the same version.
    await taxii.post([indicator(1, { confidence: 90 })]);
    expect(await taxii.objects(ALL)).toEqual([indicator(1), indicator(2)]);
    taxii.setFaults({ duplicatesSucceed: true });
    expect((await taxii.post([indicator(1)])).json()).toMatchObject({
      success_count: 1,
      successes: [{ message: 'Object already added' }],
    });
  });

  it('tells versions apart as texts, and reads the first of those of one instant for each', async () => {
    const taxii = await start();
    await taxii.post([indicator(1)]);
    const added = await taxii.post([indicator(1, { modified: '2026-01-01T00:00:00Z', confidence: 5 })]);
    expect(added.json()).toMatchObject({ success_count: 1, failure_count: 0 });
    expect(await taxii.objects()).toEqual([indicator(1), indicator(1)]);
  });

  it('takes an older version as one more, and still shows the newest', async () => {
    const taxii = await start();
    await taxii.post([indicator(1, SECOND)]);
    expect((await taxii.post([indicator(1)])).json()).toMatchObject({ success_count: 1 });
    expect(await taxii.objects()).toEqual([indicator(1, SECOND)]);
    expect(await taxii.objects(ALL)).toHaveLength(2);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1, updates: 0 });
  });

  it('keeps the objects before the one that it cannot process', async () => {
    const taxii = await start({ poison: ['192.0.2.3'] });
    expect((await taxii.post([indicator(1), { type: 'indicator' }, indicator(2)])).status).toBe(422);
    expect((await taxii.post([indicator(4), indicator(3), indicator(5)])).status).toBe(422);
    expect(await taxii.objects()).toEqual([indicator(1), indicator(4)]);
    expect((await taxii.send('POST', OBJECTS, '{}')).status).toBe(422);
  });

  it('checks nothing, and cannot be read any more once a version is no instant', async () => {
    const taxii = await start();
    expect((await taxii.post([indicator(1, { pattern: 'nonsense', valid_from: 7 })])).status).toBe(202);
    expect((await taxii.post([indicator(2, { modified: 'yesterday' })])).status).toBe(202);
    expect((await taxii.get(OBJECTS)).status).toBe(500);
    expect((await taxii.get(`${OBJECTS}?match[id]=${indicatorId(1)}`)).status).toBe(500);
  });

  it('takes a bundle for an envelope, and an object without a version once', async () => {
    const taxii = await start();
    const bundle = { type: 'bundle', id: 'bundle--5a4d0000-0000-4000-8000-000000000000', objects: [MARKING] };
    expect((await taxii.send('POST', OBJECTS, JSON.stringify(bundle))).json()).toMatchObject({ success_count: 1 });
    expect((await taxii.post([MARKING])).json()).toMatchObject({ failure_count: 1 });
    expect(taxii.tip.items()).toEqual([]);
  });

  it('deletes the newest version only: the one before it is back', async () => {
    const taxii = await start();
    await taxii.post([indicator(1), indicator(1, { ...SECOND, revoked: true })]);
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`)).status).toBe(200);
    expect(await taxii.objects()).toEqual([indicator(1)]);
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`)).status).toBe(200);
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`)).status).toBe(404);
    expect(taxii.tip.items()).toEqual([{ id: indicatorId(1), value: '192.0.2.1', state: 'gone' }]);
  });
});

describe('a server like OpenTAXII', () => {
  it('calls what it has already a success, and keeps the old content', async () => {
    const taxii = await start({ duplicates: 'opentaxii' });
    await taxii.post([indicator(1)]);
    const again = await taxii.post([indicator(1, { confidence: 90, modified: '2026-01-01T00:00:00.000000Z' })]);
    expect(again.json()).toMatchObject({
      success_count: 1,
      failure_count: 0,
      successes: [{ id: indicatorId(1), version: '2026-01-01T00:00:00.000000Z' }],
    });
    const [held, ...others] = await taxii.objects(ALL);
    expect(others).toEqual([]);
    expect(held).not.toHaveProperty('confidence');
    // Its `spec_version` is the type, by mistake.
    expect(held).toEqual({ ...indicator(1), spec_version: 'indicator' });
  });

  it.each([
    ['a modified without a fraction', { modified: '2026-01-02T00:00:00Z' }],
    ['no modified', { modified: undefined }],
    ['no spec_version', { spec_version: undefined, labels: ['x'] }],
    ['an end that is its start', { valid_until: '2026-01-01T00:00:00.000Z' }],
  ])('stumbles over %s, and takes nothing', async (_, properties) => {
    const taxii = await start({ duplicates: 'opentaxii' });
    expect((await taxii.post([indicator(1), indicator(2, properties)])).status).toBe(500);
    expect((await taxii.get(OBJECTS)).json()).toEqual({});
  });

  it('cannot store a marking', async () => {
    const taxii = await start({ duplicates: 'opentaxii' });
    expect((await taxii.post([indicator(1), MARKING])).status).toBe(500);
    expect((await taxii.get(OBJECTS)).json()).toEqual({});
  });

  it.each([
    ['a broken pattern', { pattern: "[ipv4-addr:value = '192.0.2.'']" }, "Invalid value for Indicator 'pattern': FAIL"],
    ['an escape that there is not', { pattern: String.raw`[url:value = 'a\nb']` }, 'FAIL'],
    ['a hash that is none', { pattern: "[file:hashes.'SHA-256' = 'ab']" }, "'ab' is not a valid SHA-256 hash"],
    ['no pattern', { pattern: undefined }, 'No values for required properties for Indicator: (pattern).'],
    [
      'an id of another type',
      { id: 'identity--5a4d0000-0000-4000-8000-000000000001' },
      "must start with 'indicator--'",
    ],
    ['an id that is no UUID', { id: 'indicator--1' }, 'not a valid STIX identifier'],
    ['an instant with an offset', { modified: '2026-01-02T00:00:00+00:00' }, "Invalid value for Indicator 'modified'"],
    ['no type', { type: undefined }, "Can't parse object with no 'type' property"],
    ['a mark that is no id', { object_marking_refs: ['TLP:AMBER'] }, 'object_marking_refs'],
  ])('takes nothing when there is %s', async (_, properties, words) => {
    const taxii = await start({ duplicates: 'opentaxii' });
    const refused = await taxii.post([indicator(1), indicator(2, properties)]);
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({ code: 400, name: 'validation error' });
    expect(refused.text).toContain(words);
    expect((await taxii.get(OBJECTS)).json()).toEqual({});
  });

  it.each([
    [String.raw`[url:value = 'https://a.example/\'\\']`],
    ["[file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']"],
    ["[domain-name:value = 'bücher.example']"],
    ["[email-message:from_ref.value = 'a@b.example'] AND [url:value LIKE 'x%']"],
  ])('takes the pattern %s', async (pattern) => {
    const taxii = await start({ duplicates: 'opentaxii' });
    expect((await taxii.post([indicator(1, { pattern })])).status).toBe(202);
  });

  it('refuses a poisoned request whole', async () => {
    const taxii = await start({ duplicates: 'opentaxii', poison: ['192.0.2.3'] });
    expect((await taxii.post([indicator(1), indicator(3)])).status).toBe(400);
    expect((await taxii.get(OBJECTS)).json()).toEqual({});
  });

  it('says that it has deleted, and has not', async () => {
    const taxii = await start({ duplicates: 'opentaxii' });
    await taxii.post([indicator(1)]);
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`)).status).toBe(200);
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(2)}/`)).status).toBe(200);
    expect(await taxii.objects()).toHaveLength(1);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1, withdrawn: 0 });
    taxii.setFaults({ deletes: 'unsupported' });
    expect((await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`)).status).toBe(405);
  });
});
