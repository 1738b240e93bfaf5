import { describe, expect, it } from 'vitest';
import type { Destination, OwnItem } from '../../destinations/destination.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { json, OURS, page, scripted } from './scripted-threatstream.ts';
import { domains } from './threatstream-indicators.ts';
import { type Bench, deliverAll, SIGNAL, startBench } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

const VALUE = 'a.example.com';
const COPY = {
  id: 1,
  value: VALUE,
  status: 'active',
  tags: [{ name: 'mdti' }],
  owner_organization_id: 67,
  is_editable: true,
  update_id: 5,
};
const NEXT = '/api/v2/intelligence/?search_after=5';

async function listed(threatstream: Destination): Promise<readonly (readonly OwnItem[])[]> {
  const pages: (readonly OwnItem[])[] = [];
  for await (const one of threatstream.own?.(SIGNAL) ?? []) pages.push(one);
  return pages;
}

/** Answers to searches one after the other, of which the last is repeated. */
function shows(searches: readonly HttpReply[], { user = OURS, sessions = [] as readonly unknown[] } = {}) {
  let asked = 0;
  return scripted((_request, { pathname }) => {
    if (pathname.endsWith('/user/')) return user;
    if (pathname.endsWith('/importsession/')) return page(sessions);
    if (pathname.includes('/importsession/')) return json(404, {});
    asked += 1;
    return searches[Math.min(asked, searches.length) - 1] ?? json(500, {});
  });
}

const statesOf = async (bench: Bench): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await listed(bench.threatstream)).flat().map(({ value, state }) => [value, state]));

describe('what is ours', () => {
  it.each(['update_id', 'search_after', 'offset'] as const)(
    'is listed to its last page, by the ids that are held, and none of others (next by %s)',
    async (nextBy) => {
      const bench = await startBench('automatic', {}, { foreignCopies: 1, nextBy });
      expect((await deliverAll(bench.threatstream, domains(1_100))).accepted).toHaveLength(1_100);
      await withdraw(bench.threatstream, [{ id: 1, value: 'host0.example.com' }], SIGNAL);
      const before = bench.requests.length;
      const pages = await listed(bench.threatstream);
      expect(pages.length).toBeGreaterThan(2);
      // One for each page, and who we are; which sessions wait is asked for one that is not active.
      expect(bench.requests.length - before).toBeLessThanOrEqual(pages.length + 2);
      const of = (all: readonly OwnItem[]) =>
        all.map(({ remoteId, value, state }) => `${remoteId} ${value} ${state}`).toSorted();
      const items = bench.sandbox.tips.threatstream.items();
      expect(of(pages.flat())).toEqual(of(items.map(({ id, value, state }) => ({ remoteId: id, value, state }))));
    },
  );

  it('passes over nothing that changes meanwhile', async () => {
    const bench = await startBench('bypass');
    await deliverAll(bench.threatstream, domains(1_100));
    const states = new Map<string, string>();
    for await (const one of bench.threatstream.own?.(SIGNAL) ?? []) {
      const isFirst = states.size === 0;
      for (const { value, state } of one) states.set(value, state);
      const changed = [0, 1, 1_099].map((index) => ({ id: index + 1, value: `host${index}.example.com` }));
      if (isFirst) await withdraw(bench.threatstream, changed, SIGNAL);
    }
    expect(states.size).toBe(1_100);
    const gone = [...states].filter(([, state]) => state === 'gone').map(([value]) => value);
    expect(gone.toSorted()).toEqual(['host0.example.com', 'host1.example.com', 'host1099.example.com']);
  });

  it('waits as long as nobody has decided about the import session, whatever becomes of it then', async () => {
    const bench = await startBench('required');
    await deliverAll(bench.threatstream, domains(3));
    const [first, second, third] = ['host0.example.com', 'host1.example.com', 'host2.example.com'];
    expect(await statesOf(bench)).toEqual({ [first]: 'waiting', [second]: 'waiting', [third]: 'waiting' });
    bench.sandbox.tips.threatstream.review({ decision: 'exclude', values: [third] });
    await withdraw(bench.threatstream, [{ id: 1, value: first }], SIGNAL);
    expect(await statesOf(bench)).toEqual({ [first]: 'gone', [second]: 'held' });
  });

  it('is asked for by itself where a session is in no list', async () => {
    const copy = { ...COPY, status: 'inactive', import_session_id: 7 };
    const all = [copy, { ...copy, id: 2 }, { ...copy, id: 3, import_session_id: null }];
    const { threatstream, requests } = shows([page(all)], { sessions: [{ id: 8, status: 'done' }] });
    expect((await listed(threatstream)).flat().map(({ state }) => state)).toEqual(['gone', 'gone', 'gone']);
    expect(requests.filter(({ url }) => url.includes('/importsession/7/'))).toHaveLength(1);
    expect(requests.filter(({ url }) => url.includes('/importsession/?'))).toHaveLength(1);
  });

  it.each([
    ['another organisation’s', { owner_organization_id: 999 }, []],
    ['what came from elsewhere', { tags: [{ name: 'other' }] }, []],
    ['a wildcard', { type: 'string' }, []],
    ['what someone has edited', { confidence: 1, tlp: 'red', tags: ['mdti', 'theirs'] }, ['held']],
    ['a false positive', { status: 'falsepos' }, ['gone']],
    ['one without a status', { status: null }, ['held']],
  ])('has, or has not, %s', async (_, more, states) => {
    const { threatstream } = shows([page([{ ...COPY, ...more }])]);
    expect((await listed(threatstream)).flat()).toEqual(
      states.map((state) => ({ remoteId: '1', value: VALUE, state })),
    );
  });

  it('goes on by what an answer says where the number of a change is declined', async () => {
    const { threatstream } = shows([page([COPY], NEXT), json(400, {}), page([{ ...COPY, id: 2, update_id: 6 }])]);
    expect((await listed(threatstream)).flat().map(({ remoteId }) => remoteId)).toEqual(['1', '2']);
  });

  it.each([
    ['fails', json(503, {}), 'Unavailable', '503'],
    ['is throttled', json(429, {}), 'Throttled', '429'],
    ['is a page of a proxy', { status: 200, headers: {}, text: '<html></html>' }, 'Unavailable', 'ThreatStream'],
    ['is not allowed any more', json(401, {}), 'Refused', 'apiKey'],
    ['is declined', json(400, {}), 'Refused', '400'],
    ['leads to itself', page([COPY], NEXT), 'Unavailable', 'to the same again'],
    ['has a copy without an id', page([{ ...COPY, id: null }]), 'Unavailable', 'could not be read'],
    ['has a copy that shows no tags', page([{ ...COPY, tags: undefined }]), 'Unavailable', 'could not be read'],
    [
      'has a copy of nobody',
      page([{ ...COPY, owner_organization_id: null, is_editable: false }]),
      'Unavailable',
      'could not be read',
    ],
  ] as const)('is a fault when a page in the middle %s', async (_, reply, kind, message) => {
    const { threatstream } = shows([page([COPY], NEXT), reply]);
    await expect(listed(threatstream)).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('is a fault when the pages never end', async () => {
    let last = 0;
    const { threatstream } = scripted((_request, { pathname }) => {
      if (pathname.endsWith('/user/')) return OURS;
      last += 1;
      return page([{ ...COPY, update_id: last }], NEXT);
    });
    await expect(listed(threatstream)).rejects.toMatchObject({
      kind: 'Unavailable',
      message: expect.stringContaining('went on paging'),
    });
  });

  it('is a fault when nobody says whose copies are', async () => {
    const { threatstream } = shows([page([{ ...COPY, is_editable: false }])], { user: json(404, {}) });
    await expect(listed(threatstream)).rejects.toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('ownerOrganizationId'),
    });
  });
});
