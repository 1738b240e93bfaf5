import { describe, expect, test } from 'vitest';
import type { Artifact } from '../../destinations/artifacts.ts';
import { threatstreamSelection } from '../../destinations/threatstream/artifact-selection.ts';
import { threatstreamArtifacts } from '../../destinations/threatstream/artifact-store.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { type Put, startThreatStreamStore } from '../enrichment/enriching.ts';
import { json, OURS, page } from './scripted-threatstream.ts';
import { SIGNAL } from './threatstream-sandbox.ts';
import { plainSettings } from './threatstream-settings.ts';

const OWN_TAG = { name: 'mdti:malicious', tlp: 'red' };
const SOME: readonly Put[] = [
  { id: 1, value: 'a.example', feed: 7, confidence: 80, tags: [{ name: 'watch' }] },
  { id: 2, type: 'url', value: 'http://a.example/', feed: 9 },
  { id: 3, type: 'ip', value: '192.0.2.1', owner: 'own', tags: [{ name: 'odd "name"' }, OWN_TAG] },
  { id: 4, type: 'ipv6', value: '2001:db8::1', status: 'inactive' },
  { id: 5, type: 'md5', value: 'a'.repeat(64) },
  { id: 6, type: 'email', value: 'who@a.example', status: 'falsepos' },
  { id: 7, value: 'b.example', owner: 'own', tags: [{ name: 'mdti' }] },
];

async function idsOf(
  store: Pick<ReturnType<typeof threatstreamArtifacts>, 'pages'>,
  after: string | null = null,
): Promise<number[]> {
  const ids: number[] = [];
  for await (const { artifacts } of store.pages(after, SIGNAL))
    ids.push(...artifacts.map(({ remoteId }) => Number(remoteId)));
  return ids;
}

describe('a selection', () => {
  test.each<[object, readonly number[]]>([
    [{}, [1, 2, 3, 5]],
    [{ status: ['inactive'] }, [4]],
    [{ status: ['active', 'inactive', 'falsepos'] }, [1, 2, 3, 4, 5, 6]],
    [{ types: ['ip'] }, [3]],
    [{ types: ['ip'], status: ['active', 'inactive'] }, [3, 4]],
    [{ types: ['url', 'domain'] }, [1, 2]],
    [{ types: ['hash'] }, [5]],
    [{ q: 'confidence>=80' }, [1]],
    [{ q: 'type=url OR type=ip' }, [2, 3]],
    [{ q: 'type=url OR type=ip', tags: ['watch'] }, []],
    [{ tags: ['watch', 'odd "name"'] }, [1, 3]],
    [{ feeds: [7, 9] }, [1, 2]],
    [{ feeds: [7], types: ['url'] }, []],
    [{ privateOnly: true }, [3]],
    [{ searchFilter: 21 }, [2]],
    [{ searchFilter: 21, tags: ['watch'] }, []],
    [{ investigation: 8 }, [1, 4]],
    [{ threatModel: { type: 'actor', id: 5 } }, [2, 4]],
  ])('%j is of %j', async (select, ids) => {
    const { store, act } = await startThreatStreamStore({ select }, SOME);
    act('searches', { id: 21, q: 'type=url' });
    act('investigations', { id: 8, observables: [1, 4, 7] });
    act('threat-models', { type: 'actor', id: 5, observables: [2, 4, 7] });
    expect(await idsOf(store)).toEqual(ids);
  });

  test.each<[object, RegExp]>([
    [{ q: 'colour=red' }, /select\.q/],
    [{ q: 'colour=red', searchFilter: 21 }, /select\.q or select\.searchFilter/],
    [{ searchFilter: 99 }, /select\.searchFilter/],
    [{ investigation: 99 }, /select\.investigation/],
    [{ threatModel: { type: 'actor', id: 99 } }, /select\.threatModel/],
  ])('%j, which is declined, is refused in a sentence', async (select, message) => {
    const { store } = await startThreatStreamStore({ select }, SOME);
    await expect(idsOf(store)).rejects.toMatchObject({ kind: 'Refused', message: expect.stringMatching(message) });
  });

  test('whoever may not ask at all is told that, and not to mend a setting', async () => {
    const { store } = await startThreatStreamStore(
      { select: { investigation: 8 }, faults: { unauthorised: true } },
      SOME,
    );
    await expect(idsOf(store)).rejects.toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/answered 401/),
    });
  });

  test.each(['update_id', 'search_after', 'offset'] as const)(
    'is read to its end and on from a position: %s',
    async (nextBy) => {
      const many = Array.from({ length: 2_300 }, (_, at) => ({ id: at + 1, value: `h${at}.example` }));
      const { store, put } = await startThreatStreamStore({ faults: { nextBy } }, many);
      const positions: (string | null)[] = [];
      let read = 0;
      for await (const { artifacts, position } of store.pages(null, SIGNAL)) {
        read += artifacts.length;
        positions.push(position);
      }
      expect([read, positions.length]).toEqual([2_300, 3]);
      put([{ id: 9_000, value: 'new.example' }]);
      expect(await idsOf(store, positions.at(-1) ?? null)).toEqual([9_000]);
      expect(await idsOf(store, positions[1] ?? null)).toHaveLength(301);
    },
  );
});

test('each is told as it is', async () => {
  const { store } = await startThreatStreamStore({ select: { status: ['active', 'inactive'] } }, SOME);
  const all: Artifact[] = [];
  let delivered = 0;
  for await (const one of store.pages(null, SIGNAL)) {
    all.push(...one.artifacts);
    delivered += one.delivered.length;
  }
  expect(delivered).toBe(1);
  expect(all.map(({ type, isOurs }) => `${type} ${isOurs}`)).toEqual([
    'domain false',
    'url false',
    'ipv4 true',
    'ipv6 false',
    'hash false',
  ]);
  expect(all[0]).toEqual({ remoteId: '1', value: 'a.example', type: 'domain', isOurs: false, marks: [], score: 80 });
  expect(all[2]?.marks).toEqual(['mdti:malicious']);
});

test('values are found whatever they hold, and those of another status are not', async () => {
  const { store } = await startThreatStreamStore({}, [...SOME, { id: 8, type: 'string', value: 'a "b" \\ c' }]);
  const found = await store.holding(['a.example', '2001:db8::1', 'b.example', 'a "b" \\ c', 'nobody.example'], SIGNAL);
  expect(found.map(({ remoteId }) => remoteId).toSorted()).toEqual(['1', '8']);
});

/** Told answers that the sandbox does not give. */
function scripted(
  reply: (request: HttpRequest, url: URL) => HttpReply,
  select: object = {},
  settings: Partial<ThreatStreamSettings> = {},
) {
  const requests: HttpRequest[] = [];
  const store = threatstreamArtifacts(
    plainSettings({ baseUrl: 'https://threatstream.example', user: 'u', apiKey: 'a-secret-key', ...settings }),
    threatstreamSelection.parse(select),
    {
      http: {
        async send(request) {
          requests.push(request);
          const url = new URL(request.url);
          return url.pathname.endsWith('/user/') ? OURS : reply(request, url);
        },
        async close() {},
      },
      pace: { async before() {}, answered() {}, async throttled() {} },
      now: () => new Date('2026-11-24T08:00:00Z'),
      tagPrefix: 'mdti',
    },
  );
  return { store, requests };
}

async function onlyOne(shown: object): Promise<Artifact | undefined> {
  const { store } = scripted(() => page([{ id: 1, value: 'a.example', type: 'domain', update_id: 5, ...shown }]));
  for await (const { artifacts } of store.pages(null, SIGNAL)) return artifacts[0];
  return undefined;
}

describe('an odd reply', () => {
  test.each<[unknown, number | null]>([
    [null, null],
    [undefined, null],
    [-1, null],
    [0, 0],
    [99.6, 100],
    [100, 100],
    [101, null],
    [1e12, null],
    ['70', 70],
    ['high', null],
  ])('a confidence of %j is %j', async (confidence, score) => {
    expect(await onlyOne({ confidence })).toMatchObject({ score });
  });

  test.each<[unknown, readonly string[]]>([
    [null, []],
    ['mdti:x', []],
    [['mdti:x', 'other'], ['mdti:x']],
    [[OWN_TAG, OWN_TAG, { ...OWN_TAG, id: 'another user’s' }], ['mdti:malicious']],
    [[{ name: 'mdti:open', tlp: 'white' }, { name: 'mdti:none' }], []],
    [[{ name: 'mdti:red', tlp: 'RED' }, 7, null], ['mdti:red']],
    [
      [
        { name: 'mdti:\0', tlp: 'red' },
        { name: 'mdti:\ud800', tlp: 'red' },
      ],
      [],
    ],
  ])('of tags %j those of ours are %j', async (tags, marks) => {
    expect(await onlyOne({ tags })).toMatchObject({ marks });
  });

  test.each<[object, boolean]>([
    [{ owner_organization_id: 67 }, true],
    [{ owner_organization_id: '67' }, true],
    [{ owner_organization_id: 68 }, false],
    [{ owner_organization_id: 67, is_editable: false }, false],
    [{ owner_organization_id: null, is_editable: true }, true],
    [{ owner_organization_id: null, is_editable: null }, false],
    [{}, false],
  ])('%j is ours: %s', async (shown, isOurs) => {
    expect(await onlyOne(shown)).toMatchObject({ isOurs });
  });

  test('what has no id or value is counted, and spoils no other', async () => {
    const { store } = scripted(() =>
      page([null, {}, { id: 1 }, { id: 2, value: 'a.example' }, { id: 'three', value: 'b' }]),
    );
    for await (const { artifacts, unreadable } of store.pages(null, SIGNAL)) {
      expect(unreadable).toBe(3);
      expect(artifacts.map(({ remoteId, type }) => [remoteId, type])).toEqual([
        ['2', 'other'],
        ['three', 'other'],
      ]);
    }
  });

  test.each([
    json(500, {}),
    json(200, []),
    json(200, { objects: 'none' }),
    json(200, { objects: [], error: 'it failed' }),
    { status: 200, headers: {}, text: '<html>' },
  ])('%j is no page, and nothing is taken for absent', async (reply) => {
    const { store } = scripted(() => reply);
    await expect(idsOf(store)).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  test('one element of an investigation that cannot be read keeps no other', async () => {
    const { store } = scripted(
      (_, { pathname, searchParams }) =>
        pathname.includes('/investigation/')
          ? json(200, {
              elements: [
                { r_type: 'intelligence', r_id: 1 },
                { r_type: 'Intelligence2', r_id: '2' },
                { r_type: 'actor', r_id: 3 },
                null,
              ],
            })
          : page(
              (searchParams.get('id') ?? '').split(',').map((id) => (id === '1' ? { id } : { id, value: 'b.example' })),
            ),
      { investigation: 8 },
    );
    for await (const { artifacts, unreadable } of store.pages(null, SIGNAL)) {
      expect([artifacts.map(({ remoteId }) => remoteId), unreadable]).toEqual([['2'], 1]);
    }
  });

  test.each([json(400, {}), page([{ id: 77, value: 'not.asked.example' }])])(
    'where ids are no filter (%j) an investigation is refused, and observables are looked at by their values',
    async (reply) => {
      const answer = (_: HttpRequest, { pathname, searchParams }: URL): HttpReply => {
        if (pathname.includes('/investigation/')) return json(200, { elements: [{ r_type: 'intelligence', r_id: 1 }] });
        return searchParams.has('id')
          ? reply
          : page([
              { id: 1, value: 'a.example' },
              { id: 2, value: 'a.example' },
            ]);
      };
      await expect(idsOf(scripted(answer, { investigation: 8 }).store)).rejects.toMatchObject({
        kind: 'Refused',
        message: expect.stringMatching(/select\.investigation/),
      });
      const shown = await scripted(answer).store.look([{ remoteId: '1', value: 'a.example', isOurs: false }], SIGNAL);
      expect([...shown.keys()]).toEqual(['1']);
    },
  );
});

test('what is gone and has a value that no question can hold is gone, and not asked for for ever', async () => {
  const value = `http://a.example/${'é'.repeat(4_000)}`;
  const { store } = await startThreatStreamStore({}, [{ id: 1, type: 'url', value }]);
  expect((await store.look([{ remoteId: '1', value, isOurs: false }], SIGNAL)).size).toBe(1);
  expect((await store.look([{ remoteId: '2', value, isOurs: false }], SIGNAL)).size).toBe(0);
});

describe('a confidence', () => {
  const ref = (id: number, value: string) => ({ remoteId: String(id), value, isOurs: true });

  test('is set of what is ours', async () => {
    const { store, counts } = await startThreatStreamStore({}, SOME);
    expect(await store.rescore?.(ref(3, '192.0.2.1'), 91, SIGNAL)).toBeNull();
    const shown = await store.look([ref(3, '192.0.2.1')], SIGNAL);
    expect(shown.get('3')?.score).toBe(91);
    expect(counts()).toMatchObject({ confidences: 1, foreignTouched: 0 });
  });

  test.each([
    [403, 'refused'],
    [401, 'refused'],
    [400, 'refused'],
    [404, 'gone'],
  ])('that is answered by %i is %s', async (status, kind) => {
    const { store } = scripted(() => json(status, {}));
    expect(await store.rescore?.(ref(3, '192.0.2.1'), 91, SIGNAL)).toMatchObject({ kind, remoteId: '3' });
  });
});

test.each([
  ['bulk_tagging', ['POST bulk_tagging']],
  ['bulk_remove_tags', ['POST bulk_tagging', 'PATCH bulk_remove_tags']],
] as const)('tags are private, and removed by %s', async (untagBy, expected) => {
  const { store, requests } = scripted(() => json(200, {}), {}, { untagBy, visibility: 'public' });
  const refs = [{ remoteId: '1', value: 'a', isOurs: false }];
  expect(await store.mark(refs, { add: ['mdti:a'], remove: ['mdti:b'] }, SIGNAL)).toEqual([]);
  expect(requests.map(({ method, url }) => `${method} ${url.split('/').at(-2)}`)).toEqual(expected);
  const tlps = requests.flatMap(({ body }) => [...(body ?? '').matchAll(/"tlp":"(\w+)"/g)].map(([, tlp]) => tlp));
  expect(tlps).toEqual(['red', 'red']);
});
