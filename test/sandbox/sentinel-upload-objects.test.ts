import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indicator, serveUpload, type UploadServer } from './sentinel-upload-server.ts';

let server: UploadServer;
beforeEach(async () => {
  server = await serveUpload();
});
afterEach(() => server.close());

const STATES = () => server.tip.items().map(({ value, state }) => [value, state]);

/** What is said of an indicator with these properties. */
async function saidOf(properties: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const reply = await server.upload([indicator('198.51.100.1', properties)]);
  if (reply.text === '') return [];
  return Reflect.get(Object(reply.json()), 'errors')[0].errorMessages;
}

describe('an object that is not valid', () => {
  test('is listed in a 200 by its place, and the others are taken', async () => {
    const { id: _, ...nameless } = indicator('198.51.100.4');
    const reply = await server.upload([
      indicator('198.51.100.1'),
      indicator('198.51.100.2'),
      indicator('198.51.100.3'),
      nameless,
    ]);
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({
      errors: [
        { recordIndex: 3, errorMessages: ['Error for Property=id: Required property is missing. Actual value: NULL.'] },
      ],
    });
    expect(server.tip.counts().holds).toBe(3);
  });

  test('when all are valid the answer is empty', async () => {
    const reply = await server.upload([indicator('198.51.100.1')]);
    expect([reply.status, reply.text]).toEqual([200, '']);
  });

  test.each(['type', 'created', 'modified', 'pattern', 'pattern_type', 'valid_from'])('needs %s', async (property) => {
    const [said = ''] = await saidOf({ [property]: undefined });
    expect(said).toMatch(new RegExp(`^Error for Property=${property}: `));
  });

  test('does not need the version, nor an end', async () => {
    expect(await saidOf({ spec_version: undefined, valid_until: undefined })).toEqual([]);
  });

  test.each([
    ['valid_until', { valid_until: '2026-11-01T00:00:00.000Z' }],
    ['valid_until', { valid_until: '2026-10-31T23:59:59.999Z' }],
    ['valid_until', { valid_until: '' }],
    ['valid_until', { valid_until: null }],
    ['modified', { modified: '2026-10-01T00:00:00.000Z' }],
    ['created', { created: '2026-11-01' }],
    ['confidence', { confidence: 101 }],
    ['confidence', { confidence: 1.5 }],
    ['labels', { labels: 'a' }],
    ['revoked', { revoked: 'true' }],
    ['spec_version', { spec_version: '1.2' }],
    ['id', { id: 'indicator--1' }],
    ['id', { id: 'identity--00000000-0000-4000-8000-000000000001' }],
    ['pattern', { pattern: '' }],
    ['pattern', { pattern: '198.51.100.1' }],
    ['pattern', { pattern: "ipv4-addr:value = '198.51.100.1'" }],
    ['pattern', { pattern: "[ipv4-addr:value = '198.51.100.1'" }],
    ['pattern', { pattern: "[url:value = 'http://a.example/it's']" }],
  ])('names the property: %s of %j', async (property, properties) => {
    const said = await saidOf(properties);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^Error for Property=${property}: .*Actual value: `));
  });

  test('is one of another type than the API knows, such as a marking; identities are taken', async () => {
    const common = { spec_version: '2.1', created: '2026-11-01T00:00:00.000Z', modified: '2026-11-01T00:00:00.000Z' };
    const id = '00000000-0000-4000-8000-000000000001';
    const marking = { type: 'marking-definition', id: `marking-definition--${id}`, ...common };
    const identity = { type: 'identity', id: `identity--${id}`, name: 'ours', ...common };
    const reply = await server.upload([marking, identity, 'text']);
    expect(reply.json()).toMatchObject({ errors: [{ recordIndex: 0 }, { recordIndex: 2 }] });
    expect(server.tip.items()).toEqual([]);
  });

  test('is one that names a chosen value', async () => {
    server.setFaults({ invalidValues: ['198.51.100.2'] });
    const reply = await server.upload([indicator('198.51.100.1'), indicator('198.51.100.2')]);
    expect(reply.json()).toMatchObject({ errors: [{ recordIndex: 1, errorMessages: [expect.any(String)] }] });
    expect(STATES()).toEqual([['198.51.100.1', 'held']]);
  });

  test('may cost the whole request, with or without the list', async () => {
    const bad = indicator('198.51.100.2', { confidence: 101 });
    const both = () => server.upload([indicator('198.51.100.1'), bad]);
    server.setFaults({ oneInvalid: 'refused' });
    const named = await both();
    expect([named.status, named.json()]).toMatchObject([400, { errors: [{ recordIndex: 1 }] }]);
    server.setFaults({ oneInvalid: 'refused-unnamed' });
    const unnamed = await both();
    expect([unnamed.status, Object.keys(Object(unnamed.json()))]).toEqual([400, ['statusCode', 'message']]);
    expect(STATES()).toEqual([]);
    expect((await server.upload([bad])).status).toBe(200);
    server.setFaults({ oneInvalid: 'listed', allInvalid: 'refused' });
    expect((await server.upload([bad])).status).toBe(400);
    expect((await both()).status).toBe(200);
  });

  test('a poisoned one costs the whole request and is not named', async () => {
    server.setFaults({ poison: ['198.51.100.2'] });
    const reply = await server.upload([indicator('198.51.100.1'), indicator('198.51.100.2')]);
    expect([reply.status, Object.keys(Object(reply.json()))]).toEqual([400, ['statusCode', 'message']]);
    expect(STATES()).toEqual([]);
  });

  test('a lost one is answered as any other', async () => {
    server.setFaults({ lost: ['198.51.100.2'] });
    const reply = await server.upload([indicator('198.51.100.1'), indicator('198.51.100.2')]);
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(STATES()).toEqual([['198.51.100.1', 'held']]);
    expect(await server.rows('ThreatIntelIndicators | count')).toEqual([[1]]);
  });
});

describe('versions of an object', () => {
  const first = indicator('198.51.100.1', { confidence: 10 });
  const later = { ...first, modified: '2026-11-02T00:00:00.000Z', confidence: 20 };
  const CONFIDENCE =
    'ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id | project Confidence, Revoked, IsActive';
  const uploadInTurn = async (...versions: readonly unknown[]): Promise<void> => {
    for (const version of versions) {
      server.clock.pass(1_000);
      const reply = await server.upload([version]);
      expect([reply.status, reply.text]).toEqual([200, '']);
    }
  };

  test('the same again is a duplicate', async () => {
    await uploadInTurn(first, first);
    expect(server.tip.counts()).toMatchObject({ holds: 1, duplicates: 1, updates: 0 });
    expect(await server.rows('ThreatIntelIndicators | count')).toEqual([[1]]);
  });

  test('one that is modified later is a change', async () => {
    await uploadInTurn(first, later);
    expect(server.tip.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
    expect(await server.rows(CONFIDENCE)).toEqual([[20, false, true]]);
    expect(await server.rows('ThreatIntelIndicators | count')).toEqual([[2]]);
  });

  test.each([
    ['earlier', { ...first, modified: '2026-11-01T12:00:00.000Z', confidence: 30 }],
    ['at the same time', { ...later, confidence: 30 }],
  ])('one that is modified %s is passed over without a word, or counts since it came last', async (_, version) => {
    await uploadInTurn(first, later, version);
    expect(await server.rows(CONFIDENCE)).toEqual([[20, false, true]]);
    server.setFaults({ versions: 'last' });
    await uploadInTurn(version);
    expect(await server.rows(CONFIDENCE)).toEqual([[30, false, true]]);
  });

  test('a revoked one is gone, and a later version of it is passed over, listed or taken', async () => {
    await uploadInTurn(first, { ...later, revoked: true });
    expect(STATES()).toEqual([['198.51.100.1', 'gone']]);
    expect(server.tip.counts()).toMatchObject({ holds: 0, updates: 0, withdrawn: 1 });
    expect(await server.rows(CONFIDENCE)).toEqual([[20, true, false]]);
    const back = { ...first, modified: '2026-11-03T00:00:00.000Z', confidence: 40 };
    await uploadInTurn(back);
    expect(STATES()).toEqual([['198.51.100.1', 'gone']]);
    server.setFaults({ afterRevoked: 'listed' });
    expect((await server.upload([back])).json()).toMatchObject({ errors: [{ recordIndex: 0 }] });
    server.setFaults({ afterRevoked: 'taken' });
    await uploadInTurn(back);
    expect(STATES()).toEqual([['198.51.100.1', 'held']]);
    expect(await server.rows(CONFIDENCE)).toEqual([[40, false, true]]);
  });

  test('one that has ended is gone', async () => {
    await uploadInTurn(first, { ...later, valid_until: '2026-11-29T00:00:00.000Z' });
    expect(STATES()).toEqual([['198.51.100.1', 'gone']]);
    expect(server.tip.counts()).toMatchObject({ withdrawn: 1 });
    expect(await server.rows(CONFIDENCE)).toEqual([[20, false, false]]);
  });

  test('the same id from another source is another object', async () => {
    await server.upload([first], 'one');
    await server.upload([{ ...first, revoked: true }], 'two');
    expect(STATES()).toEqual([
      ['198.51.100.1', 'held'],
      ['198.51.100.1', 'gone'],
    ]);
  });
});
