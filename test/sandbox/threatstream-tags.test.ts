import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, idsOf, imported, json, objectsOf, start, valuesFor } from './threatstream-caller.ts';

type Api = ReturnType<typeof start>['api'];
const BULK = '/api/v2/intelligence/bulk_tagging/';
const REMOVE = '/api/v2/intelligence/bulk_remove_tags/';
const TAGS = [{ name: 'mdti', tlp: 'red' }];
const OWN = { tags: JSON.stringify(TAGS) };

async function post(api: Api, method: string, target: string, body: unknown) {
  return call(api, method, target, JSON.stringify(body));
}

function tagsOf(api: Api): readonly (readonly string[])[] {
  return api.holdings().map(({ tags }) => tags.toSorted());
}

async function held(api: Api, count: number): Promise<number[]> {
  await imported(
    api,
    Array.from({ length: count }, (_, index) => `host${index}.example.com`),
    OWN,
  );
  return idsOf(api, 'limit=1000');
}

describe('tagging in bulk', () => {
  it('adds and removes for up to 250 observables at once', async () => {
    const { api } = start();
    const ids = await held(api, 251);
    const tags = [{ name: 'new', tlp: 'red' }];
    const most = { ids: ids.slice(0, 250), tags, remove_tags: [{ name: 'mdti' }] };
    expect(await post(api, 'POST', BULK, { ...most, ids })).toMatchObject({ status: 400 });
    expect(await post(api, 'PATCH', REMOVE, { ids, tags })).toMatchObject({ status: 400 });
    expect(api.counts()).toMatchObject({ updates: 0 });
    expect(await post(api, 'POST', BULK, most)).toMatchObject({ status: 200 });
    expect(await valuesFor(api, 'tags.name=new&limit=1000')).toHaveLength(250);
    expect(await valuesFor(api, 'tags.name=mdti')).toEqual(['host250.example.com']);
    expect(api.counts()).toMatchObject({ updates: 250, publicTags: 0, tagNames: 2 });
  });

  it.each([
    ['both', [], []],
    ['bulk_tagging', [], ['mdti']],
    ['bulk_remove_tags', ['mdti'], []],
  ] as const)('removes by one form or the other: %s', async (untagBy, afterTagging, afterRemoving) => {
    for (const form of ['bulk_tagging', 'bulk_remove_tags'] as const) {
      const { api } = start({ untagBy });
      const ids = await held(api, 1);
      const isTagging = form === 'bulk_tagging';
      const reply = isTagging
        ? await post(api, 'POST', BULK, { ids, tags: [], remove_tags: [{ name: 'mdti' }] })
        : await post(api, 'PATCH', REMOVE, { ids, tags: [{ name: 'mdti' }] });
      expect(reply).toMatchObject({ status: !isTagging && untagBy === 'bulk_tagging' ? 404 : 200 });
      expect(tagsOf(api)).toEqual([isTagging ? afterTagging : afterRemoving]);
    }
  });

  it('wants one object for each tag', async () => {
    const { api } = start();
    const ids = await held(api, 1);
    expect(await post(api, 'POST', BULK, { ids, remove_tags: [{ name: ['mdti'] }] })).toMatchObject({ status: 400 });
    expect(await post(api, 'POST', BULK, { ids, tags: ['mdti'] })).toMatchObject({ status: 400 });
    expect(await post(api, 'POST', BULK, { tags: TAGS })).toMatchObject({ status: 400 });
  });

  it.each([
    ['ignored', 200, [['mdti', 'new']]],
    ['refused', 404, [['mdti']]],
  ] as const)('has ids that are unknown %s', async (unknownIds, status, tags) => {
    const { api } = start({ unknownIds });
    const ids = await held(api, 1);
    const request = { ids: [...ids, 5], tags: [{ name: 'new', tlp: 'red' }] };
    expect(await post(api, 'POST', BULK, request)).toMatchObject({ status });
    expect(tagsOf(api)).toEqual(tags);
  });

  it('leaves others’ copies alone', async () => {
    const { api } = start({ foreignCopies: 1 });
    const ids = await held(api, 1);
    expect(ids).toHaveLength(2);
    expect(await post(api, 'POST', BULK, { ids, tags: [{ name: 'new' }] })).toMatchObject({ status: 403 });
    expect(tagsOf(api)).toEqual([['mdti']]);
    expect(api.counts()).toMatchObject({ foreignTouched: 1 });
  });

  it('counts as no change what had the tags already', async () => {
    const { api } = start();
    const ids = await held(api, 2);
    await post(api, 'POST', BULK, { ids, tags: TAGS, remove_tags: [{ name: 'other' }] });
    expect(api.counts()).toMatchObject({ updates: 0 });
    expect(await idsOf(api, 'update_id__gt=4')).toEqual([]);
  });

  it.each([
    [true, ['host1.example.com', 'host0.example.com']],
    [false, ['host0.example.com', 'host1.example.com']],
  ])('is an update of the observable, or is not: %s', async (tagsBumpUpdates, values) => {
    const { api } = start({ tagsBumpUpdates });
    const [first] = await held(api, 2);
    await post(api, 'POST', BULK, { ids: [first], tags: [{ name: 'new', tlp: 'red' }] });
    expect(await valuesFor(api, '')).toEqual(values);
    expect(await valuesFor(api, 'tags.name=new')).toEqual(['host0.example.com']);
    expect(api.counts()).toMatchObject({ updates: 1 });
  });
});

describe('tagging one observable', () => {
  it('adds a tag, and removes it by its id, which is the same everywhere', async () => {
    const { api } = start();
    const ids = await held(api, 2);
    for (const id of ids) {
      const reply = await post(api, 'POST', `/api/v1/intelligence/${id}/tag/`, { tags: [{ name: 'new', tlp: 'red' }] });
      expect(reply).toMatchObject({ status: 201 });
    }
    const shown = z.array(z.object({ tags: z.array(z.object({ id: z.string(), name: z.string() })) }));
    const [first, second] = shown.parse(await objectsOf(api, '/api/v2/intelligence/?tags.name=new'));
    expect(first).toEqual(second);
    const tag = first?.tags.find(({ name }) => name === 'new')?.id;
    const target = `/api/v1/intelligence/${ids[0]}/tag/${tag}/`;
    expect(await call(api, 'DELETE', target)).toMatchObject({ status: 200 });
    expect(await call(api, 'DELETE', target)).toMatchObject({ status: 404 });
    expect(new Set(tagsOf(api))).toEqual(new Set([['mdti'], ['mdti', 'new']]));
  });
});

describe('a comment', () => {
  const target = `/api/v2/intelligence/comments/?value=${encodeURIComponent('http://a.example.com/?b&c#d')}`;

  it('is put to a value, one after the other', async () => {
    const { api } = start();
    for (const comment of ['one', 'two']) {
      const reply = await json(api, 'POST', target, JSON.stringify({ comment, tlp: 'red' }));
      expect(reply).toEqual({ status: 201, body: { message: 'Comment successfully added', success: true } });
    }
    const user = { email: 'analyst@example.com', organization: { name: 'Sandbox' } };
    const date = '2026-11-24T08:00:00.000Z';
    expect((await json(api, 'GET', target)).body).toEqual({
      comments: ['one', 'two'].map((comment) => ({ comment, date, tlp: 'red', user })),
    });
    const other = await json(api, 'GET', '/api/v2/intelligence/comments/?value=http://a.example.com/');
    expect(other.body).toEqual({ comments: [] });
  });

  it('is declined without a value, a text, or a tlp that comments have', async () => {
    const { api } = start();
    const comment = { comment: 'one', tlp: 'red' };
    expect(await post(api, 'POST', '/api/v2/intelligence/comments/', comment)).toMatchObject({ status: 400 });
    expect(await post(api, 'POST', target, { ...comment, comment: '' })).toMatchObject({ status: 400 });
    expect(await post(api, 'POST', target, { ...comment, tlp: 'green' })).toMatchObject({ status: 400 });
  });
});
