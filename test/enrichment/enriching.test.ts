import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { DAY, type Put, scored, startEnriching, startThreatStreamStore, TTL } from './enriching.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const HASH = 'd41d8cd98f00b204e9800998ecf8427e';
/** Two copies of one value, what else a TIP holds, and what this product has brought. */
const SOME: readonly Put[] = [
  { id: 1, value: 'a.example' },
  { id: 2, value: 'a.example', owner: 'own' },
  { id: 3, type: 'url', value: 'https://A.example/path?q=1#f', feed: 7 },
  { id: 4, type: 'ip', value: '192.0.2.1' },
  { id: 5, type: 'email', value: 'who@b.example' },
  { id: 6, type: 'md5', value: HASH },
  { id: 7, type: 'string', value: 'c.example' },
  { id: 8, type: 'domain', value: 'two words' },
  { id: 9, value: 'ours.example', owner: 'own', tags: [{ name: 'mdti' }] },
  { id: 10, value: 'theirs.example', tags: [{ name: 'mdti' }] },
  { id: 11, value: 'gone.example', status: 'inactive' },
];

type World = Parameters<typeof startThreatStreamStore>[0];
async function start(
  world: World = {},
  artifacts: readonly Put[] = SOME,
  given: Parameters<typeof startEnriching>[2] = {},
) {
  const threatstream = await startThreatStreamStore(world, artifacts);
  const enriching = startEnriching(ledger, threatstream.store, given, threatstream.clock);
  enriching.oracle.says
    .set('a.example', scored(80))
    .set('192.0.2.1', scored(95))
    .set('b.example', scored(10, 'unknown'));
  return { ...threatstream, ...enriching };
}

const MALICIOUS = ['mdti-score:75-89', 'mdti:malicious'];
const WORST = ['mdti-score:90-100', 'mdti:malicious'];

describe.each([true, false])('where tags are an update: %s', (tagsBumpUpdates) => {
  test('what has a host is tagged once, and the rest is counted', async () => {
    const { run, tags, oracle, counts, sent } = await start({ faults: { tagsBumpUpdates } });
    expect(await run()).toMatchObject({
      read: tagsBumpUpdates ? 14 : 10,
      new: 9,
      changed: 0,
      delivered: 1,
      judged: 6,
      lookedUp: 4,
      marked: 4,
      cleared: 0,
      confirmed: 4,
      gone: 0,
      artifacts: 9,
      right: 6,
      hashes: 1,
      noHost: 2,
      pending: 0,
      hosts: 4,
    });
    expect(oracle.asked.toSorted()).toEqual(['192.0.2.1', 'a.example', 'b.example', 'theirs.example']);
    expect(sent().filter((one) => one.includes('bulk_tagging'))).toHaveLength(3);
    expect(await tags([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({
      1: MALICIOUS,
      2: MALICIOUS,
      3: MALICIOUS,
      4: WORST,
      ...Object.fromEntries([5, 6, 7, 8, 9, 10].map((id) => [id, []])),
    });
    expect(counts()).toMatchObject({ tagWrites: 4, idleTagWrites: 0, publicTags: 0, foreignTouched: 0, comments: 0 });
  });

  test('again at once nothing is looked up or written, and own writes do not come round', async () => {
    const { run, oracle, counts, later } = await start({ faults: { tagsBumpUpdates } });
    await run();
    const before = counts();
    for (let times = 0; times < 3; times += 1) {
      later(60_000);
      expect(await run()).toMatchObject({ new: 0, changed: 0, judged: 0, lookedUp: 0, marked: 0, confirmed: 0 });
    }
    expect(oracle.asked).toHaveLength(4);
    expect(counts()).toMatchObject({ tagWrites: before.tagWrites, idleTagWrites: 0 });
  });

  test('once the time to live is over, just what has changed is written', async () => {
    const { run, oracle, counts, later, tags } = await start({ faults: { tagsBumpUpdates } });
    await run();
    oracle.says.set('a.example', scored(85)).set('192.0.2.1', scored(60, 'suspicious')).set('b.example', scored(75));
    later(TTL + 1);
    expect(await run()).toMatchObject({ judged: 6, lookedUp: 4, marked: 2, cleared: 0, confirmed: 2 });
    expect(counts()).toMatchObject({ tagWrites: 6, idleTagWrites: 0 });
    expect(await tags([1, 4, 5])).toEqual({ 1: MALICIOUS, 4: ['mdti-score:50-74', 'mdti:suspicious'], 5: MALICIOUS });
    oracle.says.set('a.example', scored(20, 'unknown')).delete('b.example');
    later(TTL + 1);
    expect(await run()).toMatchObject({ marked: 0, cleared: 4, confirmed: 4 });
    expect(await tags([1, 2, 3, 5])).toEqual({ 1: [], 2: [], 3: [], 5: [] });
  });

  test('what somebody else does to the tags is set right once, where it shows', async () => {
    const { run, act, tags, counts } = await start({ faults: { tagsBumpUpdates } });
    await run();
    act('retag', { id: 1, remove: ['mdti:malicious'], add: [{ name: 'mdti:suspicious', tlp: 'red' }] });
    act('retag', { id: 7, add: [{ name: 'mdti:malicious', tlp: 'red' }] });
    act('retag', { id: 4, add: [{ name: 'theirs', tlp: 'white' }] });
    expect(await run()).toMatchObject({ changed: 2, marked: 1, cleared: 1, lookedUp: 0 });
    expect(await tags([1, 7])).toEqual({ 1: MALICIOUS, 7: [] });
    expect(counts()).toMatchObject({ idleTagWrites: 0 });
  });
});

test('a full pass is made again after its time, and finds what is gone', async () => {
  const { run, act, later, oracle } = await start();
  await run();
  act('delete', { ids: [1, 8] });
  later(DAY / 2);
  expect(await run()).toMatchObject({ read: 0, gone: 0, artifacts: 9 });
  later(7 * DAY);
  const asked = oracle.asked.length;
  expect(await run()).toMatchObject({ read: 8, new: 0, changed: 0, gone: 2, artifacts: 7, marked: 0 });
  expect(oracle.asked.length).toBeGreaterThan(asked);
});

test('something else that is selected is read from the beginning, and what is not selected any more is let be', async () => {
  const { run, name, store, clock, tags, oracle } = await start();
  await run();
  const other = startEnriching(ledger, store, { name, selection: 'another one' }, clock);
  for (const [host, said] of oracle.says) other.oracle.says.set(host, said);
  expect(await other.run()).toMatchObject({ read: 10, new: 0, changed: 0, gone: 0, lookedUp: 0, marked: 0 });
  expect(await tags([1])).toEqual({ 1: MALICIOUS });
});

test('reading goes on behind the last page that was taken in', async () => {
  const many = Array.from({ length: 2_500 }, (_, at) => ({ id: at + 1, value: `h${at}.example` }));
  const { read, requests, answers, rows } = await start({}, many);
  expect(await read(1)).toEqual({ isEnd: false, isFullPass: true });
  expect((await rows()).size).toBe(1_000);
  let asked = 0;
  answers.to = () => {
    asked += 1;
    return asked === 2 ? { status: 503, headers: {}, text: '' } : null;
  };
  await expect(read()).rejects.toMatchObject({ kind: 'Unavailable' });
  expect((await rows()).size).toBe(2_000);
  delete answers.to;
  requests.splice(0);
  expect(await read()).toEqual({ isEnd: true, isFullPass: true });
  expect((await rows()).size).toBe(2_500);
  expect(requests.filter(({ url }) => url.includes('/intelligence/'))).toHaveLength(1);
  expect(await read()).toEqual({ isEnd: true, isFullPass: false });
});

test.each(['update_id', 'search_after', 'offset'] as const)(
  'a whole page after which another one is announced, and there is none, is read on from: %s',
  async (nextBy) => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({ id: at + 1, value: `h${at}.example` }));
    const { read, sent, answers, put, count } = await start({ faults: { nextBy } }, many);
    answers.to = ({ url }) =>
      new URL(url).searchParams.has('update_id__gt')
        ? { status: 200, headers: {}, text: '{"meta":{"next":null},"objects":[]}' }
        : null;
    answers.after = (reply) => ({
      ...reply,
      text: reply.text.replace('"next":null', '"next":"/api/v2/intelligence/?offset=1000"'),
    });
    expect(await read()).toMatchObject({ isEnd: true, isFullPass: true });
    sent();
    delete answers.to;
    delete answers.after;
    put([{ id: 2_000, value: 'new.example' }]);
    expect(await read()).toMatchObject({ isEnd: true, isFullPass: false });
    expect(sent()).toEqual(['GET /api/v2/intelligence/']);
    expect((await count()).done).toMatchObject({ read: 1_001, new: 1_001 });
  },
);

describe('what is deleted in mid-run is gone', () => {
  test.each(['ignored', 'refused'] as const)('where unknown ids are %s', async (unknownIds) => {
    const { read, judgeAll, run, act, rows, tags } = await start({ faults: { unknownIds } });
    await read();
    await judgeAll();
    act('delete', { ids: [1] });
    expect(await run()).toMatchObject({ gone: 1, marked: unknownIds === 'ignored' ? 4 : 3, confirmed: 3, setAside: 0 });
    expect((await rows()).has('1')).toBe(false);
    expect(await tags([2, 3])).toEqual({ 2: MALICIOUS, 3: MALICIOUS });
  });

  test('between the writing and the confirming', async () => {
    const { read, judgeAll, writeAll, run, act } = await start();
    await read();
    await judgeAll();
    await writeAll();
    act('delete', { ids: [1, 4] });
    expect(await run()).toMatchObject({ gone: 2, confirmed: 2, pending: 0, artifacts: 7 });
  });
});

test('hosts whose look-up is given up set their artifacts aside, until they are tried again', async () => {
  const { run, oracle, later, tags } = await start();
  oracle.fails.add('a.example');
  expect(await run()).toMatchObject({ setAside: 3, aside: 3, marked: 1, pending: 0 });
  oracle.fails.clear();
  later(8 * DAY);
  expect(await run()).toMatchObject({ aside: 0, marked: 3 });
  expect(await tags([1])).toEqual({ 1: MALICIOUS });
});

test('what a pipeline that delivers has taken over is left to it, whatever becomes of its reputation', async () => {
  const { run, act, oracle, later, tags } = await start({}, [{ id: 2, value: 'a.example', owner: 'own' }]);
  expect(await run()).toMatchObject({ artifacts: 1, marked: 1 });
  act('retag', { id: 2, add: [{ name: 'mdti', tlp: 'red' }] });
  oracle.says.set('a.example', scored(3, 'unknown'));
  later(TTL + 1);
  expect(await run()).toMatchObject({ artifacts: 0, delivered: 1, judged: 0, cleared: 0, gone: 0 });
  expect((await tags([2]))[2]).toEqual(expect.arrayContaining(MALICIOUS));
});

test('what is excluded is not looked up, and what was written of it before is taken back', async () => {
  const { run, name, store, clock, tags } = await start();
  await run();
  const excluding = startEnriching(
    ledger,
    store,
    { name, selection: 'x', exclude: ({ value }) => (value.includes('a.example') ? 'above-tlp-ceiling' : null) },
    clock,
  );
  expect(await excluding.run()).toMatchObject({ excluded: 3, cleared: 3, lookedUp: 0 });
  expect(excluding.oracle.asked).toEqual([]);
  expect(await tags([1, 2, 3])).toEqual({ 1: [], 2: [], 3: [] });
});
