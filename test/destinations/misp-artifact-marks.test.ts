import { describe, expect, it } from 'vitest';
import type { Artifact, ArtifactStore } from '../../destinations/artifacts.ts';
import type { Remark } from '../../indicators/artifact.ts';
import { type ArtifactsBench, askedOf, readAll, refsOf, startArtifactsBench, tagsIn } from './misp-artifacts-bench.ts';

const SIGNAL = new AbortController().signal;
const MALICIOUS = 'mdti:classification="malicious"';
const HIGH = 'mdti:score="75-89"';
const HIGHEST = 'mdti:score="90-100"';
const MARKS = [MALICIOUS, HIGH];
const ADD: Remark = { add: MARKS, remove: [] };
const SEARCH = 'POST attributes/restSearch';
const MANY = 'POST attributes/addTag';
const ONE = 'POST tags/attachTagToObject';
const AWAY = 'POST tags/removeTagFromObject';

const OWN = { type: 'domain', value: 'own.example', owner: 'own' };
const FOREIGN = { type: 'domain', value: 'foreign.example' };
const ANOTHER = { type: 'ip-dst', value: '192.0.2.1' };

function mark(store: ArtifactStore, uuids: readonly string[], change = ADD) {
  return store.mark(refsOf(uuids), change, SIGNAL);
}

async function filled(faults: Record<string, unknown> = {}) {
  const bench = await startArtifactsBench(faults);
  const uuids = bench.put([OWN, FOREIGN, ANOTHER]);
  const [own = '', foreign = '', another = ''] = uuids;
  return { bench, uuids, own, foreign, another, store: bench.store() };
}

async function marksOf(bench: ArtifactsBench): Promise<Readonly<Record<string, Artifact['marks']>>> {
  const { artifacts } = await readAll(bench.store());
  return Object.fromEntries(artifacts.map(({ value, marks }) => [value, marks]));
}

it('names marks as tags of what is delivered are called', async () => {
  const { bench, store } = await filled();
  expect(store.names.of({ classification: 'Malicious', score: 80 })).toEqual(MARKS);
  expect(MARKS.every((name) => store.names.has(name))).toBe(true);
  expect(['mdti:threat="x"', 'tlp:red', 'other:score="75-89"'].some((name) => store.names.has(name))).toBe(false);
  const { names } = bench.store({}, { tagPrefix: 'my_TI' });
  expect(names.of({ classification: 'suspicious', score: 60 })).toEqual([
    'my_TI:classification="suspicious"',
    'my_TI:score="50-74"',
  ]);
});

describe('marking', () => {
  it('sets local tags on many at once, whoever they are of, and changes nothing for others', async () => {
    const { bench, uuids, store } = await filled();
    const before = bench.server.tip.controls.holdings();
    bench.later(60);
    expect(await mark(store, uuids)).toEqual([]);
    expect(await marksOf(bench)).toEqual({ 'own.example': MARKS, 'foreign.example': MARKS, '192.0.2.1': MARKS });
    const after = bench.server.tip.controls.holdings();
    expect(after.map(({ timestamp, published }) => ({ timestamp, published }))).toEqual(
      before.map(({ timestamp, published }) => ({ timestamp, published })),
    );
    expect(bench.server.tip.counts()).toMatchObject({
      tags: { [MALICIOUS]: 3, [HIGH]: 3 },
      tagWrites: 3,
      idleTagWrites: 0,
      foreignTouched: 0,
    });
    expect(askedOf(bench).filter((asked) => asked === MANY)).toHaveLength(1);
  });

  it('asked for twice writes nothing, and of some that lack something only that', async () => {
    const { bench, uuids, own, store } = await filled();
    await mark(store, [own]);
    await mark(store, uuids, { add: [HIGH], remove: [] });
    const asked = bench.requests.length;
    expect(await mark(store, uuids, { add: [HIGH], remove: [HIGHEST] })).toEqual([]);
    expect(askedOf(bench, asked)).toEqual([SEARCH]);
    expect(await mark(store, uuids)).toEqual([]);
    expect(bench.server.tip.counts()).toMatchObject({ tagWrites: 5, idleTagWrites: 0, tags: { [MALICIOUS]: 3 } });
  });

  it('takes away what is local and ours, and lets all else be', async () => {
    const { bench, own, foreign, store } = await filled();
    const { controls } = bench.server.tip;
    await mark(store, [own, foreign]);
    controls.retag({ uuid: own, add: [{ name: 'seen', local: true }] });
    controls.retag({ uuid: foreign, add: [{ name: HIGHEST }] });
    const change = { add: [HIGHEST], remove: [HIGH, HIGHEST, 'seen'] };
    expect(await mark(store, [own, foreign], change)).toEqual([]);
    expect(tagsIn(bench)).toEqual({
      'own.example': [MALICIOUS, 'seen', HIGHEST],
      'foreign.example': [MALICIOUS, `${HIGHEST} for all`],
      '192.0.2.1': [],
    });
    expect(bench.server.tip.counts()).toMatchObject({ foreignTouched: 0, idleTagWrites: 0 });
    expect(askedOf(bench).filter((asked) => asked === AWAY)).toHaveLength(2);
  });

  it('knows a tag again whatever its case, and by its number whatever else is called alike', async () => {
    const { bench, own, store } = await filled();
    const { controls } = bench.server.tip;
    controls.retag({ uuid: own, add: [{ name: 'MDTI:score="75-89"', local: true }] });
    expect((await marksOf(bench))['own.example']).toEqual([HIGH]);
    expect(await mark(store, [own])).toEqual([]);
    expect(tagsIn(bench)['own.example']).toEqual(['MDTI:score="75-89"', MALICIOUS]);
    expect(await mark(store, [own], { add: [], remove: [HIGH] })).toEqual([]);
    expect(tagsIn(bench)['own.example']).toEqual([MALICIOUS]);
  });

  it('has a load that fits a request', async () => {
    const { bench } = await filled();
    expect(bench.store().markLoad).toBe(50);
    expect(bench.store({}, { maxObjects: 10 }).markLoad).toBe(10);
  });
});

describe('what is not changed', () => {
  it('is returned when it is gone, also between the look and the write', async () => {
    const { bench, uuids, own, foreign, store } = await filled();
    bench.server.tip.controls.delete({ uuids: [own] });
    expect(await mark(store, uuids)).toEqual([{ remoteId: own, kind: 'gone', reason: expect.any(String) }]);
    bench.answers.to = ({ url }) => {
      if (url.includes('addTag') || url.includes('removeTag')) bench.server.tip.controls.delete({ uuids: [foreign] });
      return null;
    };
    const change = { add: [HIGHEST], remove: [] };
    await expect(mark(store, uuids, change)).rejects.toMatchObject({ kind: 'Rejected' });
    delete bench.answers.to;
    expect(await mark(store, [foreign], change)).toMatchObject([{ remoteId: foreign, kind: 'gone' }]);
  });

  it('is found one by one when several were declined together, and then returned', async () => {
    const { bench, uuids, foreign, another, store } = await filled();
    bench.server.setFaults({ untaggable: [foreign] });
    await expect(mark(store, uuids)).rejects.toMatchObject({ kind: 'Rejected' });
    const [declined, ...others] = await mark(store, [foreign]);
    expect(declined).toMatchObject({ remoteId: foreign, kind: 'refused', reason: expect.stringContaining('Failed') });
    expect(others).toEqual([]);
    expect(await mark(store, [another])).toEqual([]);
    expect(tagsIn(bench)).toMatchObject({ 'own.example': MARKS, 'foreign.example': [], '192.0.2.1': MARKS });
  });

  it('is returned beside the others when a tag could not be taken away', async () => {
    const { bench, uuids, foreign, store } = await filled();
    await mark(store, uuids);
    bench.server.setFaults({ untaggable: [foreign] });
    expect(await mark(store, uuids, { add: [HIGHEST], remove: [HIGH] })).toMatchObject([
      { remoteId: foreign, kind: 'refused' },
    ]);
    expect(tagsIn(bench)).toMatchObject({ 'own.example': [MALICIOUS, HIGHEST], 'foreign.example': MARKS });
  });

  it('counts as done when what was to be taken away is there no more', async () => {
    const { bench, own, store } = await filled();
    await mark(store, [own]);
    bench.answers.to = ({ url }) => {
      if (url.includes('removeTag')) bench.server.tip.controls.retag({ uuid: own, remove: MARKS });
      return null;
    };
    expect(await mark(store, [own], { add: [], remove: [HIGH] })).toEqual([]);
    expect(tagsIn(bench)['own.example']).toEqual([]);
  });

  it('is one that is deleted before a tag of it is taken away', async () => {
    const { bench, own, store } = await filled();
    await mark(store, [own]);
    bench.answers.to = ({ url }) =>
      url.includes('removeTag')
        ? { status: 404, headers: {}, text: '{"name":"Invalid Target.","message":"Invalid Target.","url":"/tags"}' }
        : null;
    expect(await mark(store, [own], { add: [], remove: [HIGH] })).toMatchObject([{ remoteId: own, kind: 'gone' }]);
  });
});

describe('a key', () => {
  it('of another organisation than the host’s marks what is its own, and is refused the rest with what to do', async () => {
    const { bench, uuids, own, foreign, store } = await filled({ hostOrganisation: false });
    expect(await mark(store, [own])).toEqual([]);
    for (const some of [uuids, [foreign]]) {
      await expect(mark(store, some)).rejects.toMatchObject({
        kind: 'Refused',
        message: expect.stringContaining('ownOnly'),
      });
    }
    expect(tagsIn(bench)).toEqual({ 'own.example': MARKS, 'foreign.example': [], '192.0.2.1': [] });
    bench.server.setFaults({ hostOrganisation: true });
    await mark(store, [foreign]);
    bench.server.setFaults({ hostOrganisation: false });
    expect(await mark(store, [foreign], { add: [], remove: MARKS })).toMatchObject([{ kind: 'refused' }]);
  });

  it.each([
    ['may not tag', { tags: false }, 'perm_tagger'],
    ['may not make tags that are missing', { makesTags: false }, 'perm_tag_editor'],
  ])('whose role %s is refused, and may go on once it is granted', async (_what, role, says) => {
    const { bench, own, store } = await filled({ role });
    await expect(mark(store, [own])).rejects.toMatchObject({ kind: 'Refused', message: expect.stringContaining(says) });
    bench.server.setFaults({ role: {} });
    expect(await mark(store, [own])).toEqual([]);
  });

  it('that may not make tags uses those that there are', async () => {
    const { bench, own, another, store } = await filled();
    await mark(store, [own]);
    bench.server.setFaults({ role: { makesTags: false } });
    expect(await mark(bench.store(), [another])).toEqual([]);
    expect(askedOf(bench).filter((asked) => asked === 'POST tags/add')).toHaveLength(2);
  });

  it('for reading only reads, and is refused when it marks', async () => {
    const { own, store } = await filled({ key: 'read-only' });
    expect((await readAll(store)).values).toHaveLength(3);
    await expect(mark(store, [own])).rejects.toMatchObject({ kind: 'Refused' });
  });
});

describe('odd answers', () => {
  it('to a tag that somebody else made just before are looked after', async () => {
    const { bench, own, store } = await filled();
    bench.answers.after = ({ url }, reply) =>
      url.endsWith('/tags/add') ? { status: 405, headers: {}, text: '{"message":"Could not add the Tag."}' } : reply;
    expect(await mark(store, [own])).toEqual([]);
    bench.answers.to = ({ url }) =>
      url.endsWith('/tags/add') ? { status: 405, headers: {}, text: '{"message":"Could not add the Tag."}' } : null;
    await expect(mark(store, [own], { add: [HIGHEST], remove: [] })).rejects.toMatchObject({ kind: 'Refused' });
  });

  it.each([
    ['an HTML page', { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>' }, 'Unavailable'],
    ['a 403 of the role', { status: 403, headers: {}, text: '{"message":"You do not have permission."}' }, 'Refused'],
    ['a 404 of the address', { status: 404, headers: {}, text: '{"message":"Invalid controller."}' }, 'Refused'],
    ['a failure', { status: 500, headers: {}, text: '' }, 'Unavailable'],
  ])('with %s are a fault, wherever they come', async (_what, reply, kind) => {
    for (const [path, change] of [
      ['addTag', ADD],
      ['removeTagFromObject', { add: [], remove: [HIGH] }],
      ['attachTagToObject', ADD],
    ] as const) {
      const { bench, own, foreign, store } = await filled();
      await mark(store, [own]);
      const one = path === 'removeTagFromObject' ? own : foreign;
      if (path === 'attachTagToObject') bench.server.setFaults({ untaggable: [one] });
      bench.answers.to = ({ url }) => (url.includes(path) ? reply : null);
      await expect(mark(store, [one], change)).rejects.toMatchObject({ kind });
    }
  });

  it('that a tag is unknown have it looked for anew', async () => {
    const { bench, own, store } = await filled();
    bench.server.setFaults({ untaggable: [own] });
    expect(await mark(store, [own])).toMatchObject([{ kind: 'refused' }]);
    const asked = bench.requests.length;
    bench.server.setFaults({ untaggable: [] });
    expect(await mark(store, [own])).toEqual([]);
    expect(askedOf(bench, asked)).toEqual([SEARCH, 'GET tags/index', MANY]);
    expect(askedOf(bench).filter((one) => one === ONE)).toHaveLength(1);
  });
});
