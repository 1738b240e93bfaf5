import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SEARCH, startThreatStream } from './threatstream-server.ts';

const BULK = `${SEARCH}bulk_tagging/`;
const REMOVE = `${SEARCH}bulk_remove_tags/`;
const VERDICT = [{ name: 'mdti:malicious', tlp: 'red' }];
const THEIRS = [{ name: 'theirs', tlp: 'white' }];

type Faults = Parameters<typeof startThreatStream>[0];

/** 1 and 2 are foreign, 3 is ours; 1 and 3 are of one value. */
async function three(faults: Faults = {}) {
  const server = await startThreatStream(faults);
  const artifacts = [
    { id: 1, type: 'domain', value: 'a.example', owner: 'foreign', tags: THEIRS },
    { id: 2, type: 'domain', value: 'b.example', owner: 'foreign', feed: 7 },
    { id: 3, type: 'domain', value: 'a.example', owner: 'own' },
  ];
  await server.act('artifacts', { artifacts });
  const tags = async () => {
    const objects = await server.objects('limit=0');
    return Object.fromEntries(objects.map(({ id, tags: shown }) => [id, shown?.map(({ name }) => name) ?? null]));
  };
  return { ...server, tags };
}

describe('a private tag of ours', () => {
  it('is on whoever’s observable, by every way of tagging, and is removed by every one', async () => {
    const { ask, counts, tags } = await three();
    expect(await ask('POST', BULK, { ids: [1, 2, 3], tags: VERDICT })).toMatchObject({ status: 200 });
    expect(await tags()).toEqual({
      1: ['theirs', 'mdti:malicious'],
      2: ['mdti:malicious'],
      3: ['mdti:malicious'],
    });
    const single = `/api/v1/intelligence/2/tag/`;
    expect(await ask('POST', single, { tags: [{ name: 'own', tlp: 'red' }] })).toMatchObject({ status: 201 });
    expect(await counts()).toMatchObject({ tags: { 'mdti:malicious': 3, own: 1 }, tagWrites: 4, idleTagWrites: 0 });
    const added = z.object({ tags: z.array(z.object({ id: z.string() })) });
    const again = added.parse((await ask('POST', single, { tags: [{ name: 'own', tlp: 'red' }] })).json);
    expect(await ask('DELETE', `${single}${again.tags[0]?.id}/`)).toMatchObject({ status: 200 });
    await ask('POST', BULK, { ids: [1], tags: [], remove_tags: VERDICT });
    await ask('PATCH', REMOVE, { ids: [2], tags: VERDICT });
    expect(await tags()).toEqual({ 1: ['theirs'], 2: null, 3: ['mdti:malicious'] });
    expect(await counts()).toMatchObject({
      tags: { 'mdti:malicious': 1 },
      tagWrites: 7,
      idleTagWrites: 1,
      foreignTouched: 0,
      publicTags: 0,
      updates: 0,
    });
  });

  it('stands beside a public one of the same name, and goes without it', async () => {
    const { ask, counts, objects } = await three();
    const tag = [{ name: 'theirs', tlp: 'red' }];
    await ask('POST', BULK, { ids: [1], tags: tag });
    expect(await objects('id=1')).toMatchObject([{ tags: [{ tlp: 'white' }, { tlp: 'red' }] }]);
    await ask('POST', BULK, { ids: [1], remove_tags: tag });
    expect(await objects('id=1')).toMatchObject([{ tags: [{ name: 'theirs', tlp: 'white' }] }]);
    expect(await counts()).toMatchObject({ foreignTouched: 0, tags: {} });
  });

  it('is an update, as the switch for it has it', async () => {
    for (const tagsBumpUpdates of [true, false]) {
      const { ask, objects } = await three({ tagsBumpUpdates });
      const last = (await objects('limit=0')).at(-1)?.update_id;
      await ask('POST', BULK, { ids: [1], tags: VERDICT });
      expect(await objects(`update_id__gt=${last}`)).toHaveLength(tagsBumpUpdates ? 1 : 0);
    }
  });

  it.each([
    ['unauthorised', 401],
    ['forbidden', 403],
    ['missing', 404],
  ] as const)('can be %s on a foreign observable', async (foreignTagging, status) => {
    const { ask, counts, tags } = await three({ foreignTagging });
    expect(await ask('POST', '/api/v1/intelligence/1/tag/', { tags: VERDICT })).toMatchObject({ status });
    expect(await ask('POST', BULK, { ids: [3, 1], tags: VERDICT })).toMatchObject({ status });
    expect(await ask('POST', BULK, { ids: [3], tags: VERDICT })).toMatchObject({ status: 200 });
    expect(await tags()).toEqual({ 1: ['theirs'], 2: null, 3: ['mdti:malicious'] });
    expect(await counts()).toMatchObject({ foreignTouched: 0, tagWrites: 1 });
  });

  it.each([
    ['request', 403, null],
    ['item-ignored', 200, ['mdti:malicious']],
  ] as const)('that one observable refuses costs the %s', async (bulkForbidden, status, others) => {
    const { ask, tags } = await three({ untaggable: ['a.example'], bulkForbidden });
    expect(await ask('POST', BULK, { ids: [1, 2, 3], tags: VERDICT })).toMatchObject({ status });
    expect(await tags()).toEqual({ 1: ['theirs'], 2: others, 3: null });
    expect(await ask('POST', '/api/v1/intelligence/3/tag/', { tags: VERDICT })).toMatchObject({ status: 403 });
  });
});

describe('what everyone sees of a foreign observable', () => {
  it('is touched by a public tag, by removing one, and by any change', async () => {
    const { ask, counts, tags } = await three();
    await ask('POST', BULK, { ids: [1, 2, 3], tags: [{ name: 'open' }] });
    expect(await counts()).toMatchObject({ foreignTouched: 2, publicTags: 3, tags: { open: 3 } });
    await ask('POST', BULK, { ids: [1, 2, 3], remove_tags: [{ name: 'theirs' }] });
    expect(await counts()).toMatchObject({ foreignTouched: 3 });
    const held = z.object({ objects: z.array(z.object({ tags: z.array(z.object({ id: z.string() })) })) });
    const shown = held.parse((await ask('GET', `${SEARCH}?id=1`)).json);
    const theirs = shown.objects[0]?.tags[0]?.id;
    expect(await ask('DELETE', `/api/v1/intelligence/1/tag/${theirs}/`)).toMatchObject({ status: 403 });
    expect(await ask('PATCH', `${SEARCH}1/`, { status: 'falsepos' })).toMatchObject({ status: 403 });
    expect(await counts()).toMatchObject({ foreignTouched: 5 });
    expect((await tags())[1]).toEqual(['theirs', 'open']);
  });
});

describe('what is counted', () => {
  it('is which observables carry a tag that was asked for, until it or they are gone', async () => {
    const { act, ask, counts } = await three();
    await ask('POST', BULK, { ids: [1, 2, 3], tags: VERDICT });
    await act('retag', { id: 1, remove: ['mdti:malicious'] });
    expect(await counts()).toMatchObject({ tags: { 'mdti:malicious': 2 } });
    await act('retag', { id: 1, add: VERDICT });
    await act('delete', { ids: [2] });
    expect(await counts()).toMatchObject({ tags: { 'mdti:malicious': 1 }, tagWrites: 3 });
    await ask('PATCH', `${SEARCH}3/`, { status: 'inactive', confidence: 50 });
    await ask('PATCH', `${SEARCH}3/`, { confidence: 51 });
    expect(await counts()).toMatchObject({ tags: { 'mdti:malicious': 1 }, confidences: 1 });
  });

  it('is comments of ours, and those that were there', async () => {
    const { ask, counts } = await three();
    for (const [value, comment] of [
      ['a.example', 'one'],
      ['a.example', 'two'],
      ['b.example', 'one'],
      ['a.example', 'one'],
    ]) {
      await ask('POST', `${SEARCH}comments/?value=${value}`, { comment, tlp: 'red' });
    }
    expect(await counts()).toMatchObject({ comments: 4, doubleComments: 1 });
  });

  it('outlasts a restart as far as it is what is held', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'mdti-sync-tags-'));
    const first = await startThreatStream({}, { stateDir, madeUpArtifacts: 20 });
    const ids = (await first.objects('limit=0')).map(({ id }) => id);
    await first.ask('POST', BULK, { ids, tags: VERDICT });
    await first.close();
    const second = await startThreatStream({}, { stateDir, madeUpArtifacts: 20 });
    expect(await second.counts()).toMatchObject({
      tags: { 'mdti:malicious': ids.length },
      tagWrites: 0,
      publicTags: 0,
    });
    await second.ask('POST', BULK, { ids: ids.slice(1), remove_tags: VERDICT });
    expect(await second.counts()).toMatchObject({ tags: { 'mdti:malicious': 1 }, tagWrites: ids.length - 1 });
    await second.close();
    await rm(stateDir, { recursive: true });
  });
});
