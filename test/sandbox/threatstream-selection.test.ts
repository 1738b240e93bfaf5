import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH, startThreatStream } from './threatstream-server.ts';

const ARTIFACTS = [
  { id: 1, type: 'domain', value: 'a.example', owner: 'foreign', feed: 7, tags: [{ name: 'mdti' }], confidence: 80 },
  { id: 2, type: 'url', value: 'http://a.example/', owner: 'foreign', feed: 9, trustedCircles: [13, 14] },
  { id: 3, type: 'ip', value: '192.0.2.1', owner: 'own', itype: 'c2_ip', tags: [{ name: 'watch', tlp: 'red' }] },
  { id: 4, type: 'ipv6', value: '2001:db8::1', owner: 'foreign', status: 'inactive', trustedCircles: [13] },
  { id: 5, type: 'md5', value: 'a'.repeat(64), owner: 'foreign', public: false },
];

async function some(faults: Parameters<typeof startThreatStream>[0] = {}) {
  const server = await startThreatStream(faults);
  await server.act('artifacts', { artifacts: ARTIFACTS });
  const idsBy = async (parameters: Readonly<Record<string, string>>): Promise<number[]> =>
    (await server.objects(new URLSearchParams(parameters).toString())).map(({ id }) => id);
  return { ...server, idsBy };
}

describe('a selection', () => {
  it.each([
    ['type=ip OR type=domain', [1, 3]],
    ['(type=ip OR type=ipv6) AND status!=falsepos', [3, 4]],
    ['type=hash', [5]],
    ['tags.name!=mdti AND tags.name!="watch"', [2, 5]],
    ['feed_id=7 OR feed_id=9', [1, 2]],
    ['feed_id!=0 AND confidence>=60', [1]],
    ['is_public=false', [3, 5]],
    ['is_public!=true AND itype=c2_ip', [3]],
    ['trusted_circle_ids=14', [2]],
    ['value="a.example" AND feed_id=9', []],
  ])('by q: %s', async (q, ids) => {
    const { idsBy } = await some();
    expect(await idsBy({ q })).toEqual(ids);
  });

  it('is by lists of feeds and circles, and by type', async () => {
    const { idsBy, ask } = await some();
    expect(await idsBy({ feed_id: '7,9' })).toEqual([1, 2]);
    expect(await idsBy({ feed_id: '0', type: 'ip' })).toEqual([3]);
    expect(await idsBy({ trustedcircles: '13', status: 'active,inactive' })).toEqual([2, 4]);
    for (const parameter of ['feed_id=x', 'trustedcircles=x', 'q=feed_id=x', 'q=owner_organization_id=67']) {
      expect(await ask('GET', `${SEARCH}?${parameter}`)).toMatchObject({ status: 400 });
    }
  });

  it('is by a saved search, alone and with what else is asked', async () => {
    const { act, ask, idsBy } = await some();
    expect(await act('searches', { id: 21, q: 'type=ip AND (status=active OR status=inactive)' })).toMatchObject({
      status: 200,
    });
    expect(await idsBy({ search_filter: '21' })).toEqual([3, 4]);
    expect(await idsBy({ search_filter: '21', q: 'tags.name=watch' })).toEqual([3]);
    expect(await idsBy({ search_filter: '21', status: 'inactive' })).toEqual([4]);
    await act('searches', { id: 21, q: 'value=a.example OR value="http://a.example/"' });
    expect(await idsBy({ search_filter: '21' })).toEqual([1, 2]);
    expect(await ask('GET', `${SEARCH}?search_filter=22`)).toMatchObject({ status: 400 });
    expect(await act('searches', { id: 22, q: 'colour=red' })).toMatchObject({ status: 400 });
  });

  it.each(['update_id', 'search_after', 'offset'] as const)('has all on its pages, each once: %s', async (nextBy) => {
    const { act, values, counts } = await startThreatStream({ nextBy });
    await act('artifacts', { count: 150, seed: 1 });
    const all = await values('status=active,inactive,falsepos&limit=0');
    expect(all).toHaveLength(150);
    expect(await values('status=active,inactive,falsepos&limit=20')).toEqual(all);
    expect(await counts()).toMatchObject({ holds: 0 });
  });
});

describe('a threat model', () => {
  it.each(['tipreport', 'actor', 'campaign', 'incident', 'malware', 'ttp', 'signature', 'vulnerability'])(
    'of type %s lists its observables in pages, those that are there',
    async (type) => {
      const { act, ask, objects, values } = await some();
      expect(await act('threat-models', { type, id: 5, observables: [5, 4, 1, 1, 99] })).toMatchObject({ status: 200 });
      const path = `/api/v1/${type}/5/intelligence/`;
      expect(await values('limit=2', path)).toEqual(['a.example', '2001:db8::1', 'a'.repeat(64)]);
      expect(await objects('limit=1', path)).toEqual(await objects('id=1'));
      await act('delete', { ids: [4] });
      expect(await values('limit=0', path)).toHaveLength(2);
      expect(await ask('GET', `/api/v1/${type}/6/intelligence/`)).toMatchObject({ status: 404 });
      expect(await act('threat-models', { type: 'novel', id: 5, observables: [] })).toMatchObject({ status: 400 });
    },
  );
});

describe('an investigation', () => {
  it('names its observables', async () => {
    const { act, ask } = await some();
    await act('investigations', { id: 8, observables: [1, 3] });
    const elements = [1, 3].map((id) => ({ r_type: 'intelligence2', r_id: id, add_related_indicators: 0 }));
    expect(await ask('GET', '/api/v1/investigation/8/')).toMatchObject({ status: 200, json: { id: 8, elements } });
    expect(await ask('GET', '/api/v1/investigation/9/')).toMatchObject({ status: 404 });
  });
});

it('what was saved outlasts a restart', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mdti-sync-saved-'));
  const first = await startThreatStream({}, { stateDir });
  await first.act('artifacts', { artifacts: ARTIFACTS });
  await first.act('searches', { id: 21, q: 'type=ip' });
  await first.act('threat-models', { type: 'actor', id: 5, observables: [1, 2] });
  await first.act('investigations', { id: 8, observables: [1] });
  await first.close();
  const second = await startThreatStream({}, { stateDir });
  expect(await second.values('search_filter=21')).toEqual(['192.0.2.1']);
  expect(await second.values('', '/api/v1/actor/5/intelligence/')).toHaveLength(2);
  expect(await second.ask('GET', '/api/v1/investigation/8/')).toMatchObject({ status: 200 });
  await second.close();
  await rm(stateDir, { recursive: true });
});
