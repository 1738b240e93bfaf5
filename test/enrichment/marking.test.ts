import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Artifact } from '../../destinations/artifacts.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { DAY, scored, startEnriching, startThreatStreamStore } from './enriching.ts';
import { artifact, scriptedStore } from './scripted-store.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const LOAD = 250;
/** Of one host each, which is bad. */
function start(count: number, more: Partial<Artifact> = {}, given: Parameters<typeof startEnriching>[2] = {}) {
  const held = Array.from({ length: count }, (_, at) => artifact(at + 1, more));
  const scripted = scriptedStore(held);
  const enriching = startEnriching(ledger, scripted.store, given);
  for (const { value } of held) enriching.oracle.says.set(value, scored(80));
  const asideOf = async () =>
    [...(await enriching.rows()).values()]
      .filter(({ standing }) => standing === 'set-aside')
      .map(({ remote_id, reason }) => [remote_id, reason]);
  return { ...scripted, ...enriching, asideOf };
}

test('those that change alike are marked together, so many at once', async () => {
  const { run, script, times } = start(2 * LOAD + 1);
  expect(await run()).toMatchObject({ marked: 2 * LOAD + 1, confirmed: 2 * LOAD + 1 });
  expect(times('mark')).toBe(3);
  expect(Math.max(...script.asked.map(({ ids }) => ids.length))).toBeLessThanOrEqual(2 * LOAD + 1);
});

describe.each([true, false])('of observables that are ours: %s', (isOurs) => {
  test('one that may not be marked keeps no other, and costs few requests', async () => {
    const { run, script, times, asideOf } = start(LOAD, { isOurs });
    script.refused.add('117');
    expect(await run()).toMatchObject({ marked: LOAD - 1, setAside: 1, aside: 1, right: LOAD - 1 });
    expect(await asideOf()).toEqual([['117', 'It answered 403 when it was to be tagged.']]);
    expect(times('mark')).toBeLessThan(20);
  });

  test('those that are there no more are gone at the price of few requests', async () => {
    const { read, judgeAll, run, script, times } = start(LOAD, { isOurs });
    await read();
    await judgeAll();
    for (let id = 1; id <= 200; id += 1) script.held.delete(String(id));
    expect(await run()).toMatchObject({ marked: 50, gone: 200, setAside: 0, artifacts: 50 });
    expect(times('mark') + times('look')).toBeLessThan(10);
  });

  test('what is shown, and said not to be there when it is to be marked, is set aside', async () => {
    const { run, script, asideOf } = start(LOAD, { isOurs });
    script.missing.add('117');
    expect(await run()).toMatchObject({ marked: LOAD - 1, gone: 0, setAside: 1, artifacts: LOAD });
    expect(await asideOf()).toEqual([['117', 'It answered 404 when it was to be tagged.']]);
  });

  test('so is one that is alone', async () => {
    const { run, script, asideOf } = start(1, { isOurs });
    script.missing.add('1');
    expect(await run()).toMatchObject({ gone: 0, setAside: 1, artifacts: 1 });
    expect(await asideOf()).toHaveLength(1);
  });
});

describe.each(['refused', 'missing'] as const)('where all are %s', (which) => {
  test('those of others are set aside at the price of few requests, and taken up again after a pass', async () => {
    const { run, script, times, later } = start(LOAD);
    for (const id of script.held.keys()) script[which].add(id);
    expect(await run()).toMatchObject({ marked: 0, gone: 0, setAside: LOAD, aside: LOAD, pending: 0 });
    expect(times('mark') + times('look')).toBeLessThan(20);
    const asked = times('mark');
    later(DAY);
    await run();
    expect(times('mark')).toBe(asked);
    script[which].clear();
    later(7 * DAY);
    expect(await run()).toMatchObject({ marked: LOAD, aside: 0, right: LOAD });
  });

  test('and are our own, it is the user who may not', async () => {
    const { read, judgeAll, writeAll, script, times, count } = start(LOAD, { isOurs: true });
    await read();
    await judgeAll();
    for (const id of script.held.keys()) script[which].add(id);
    await expect(writeAll()).rejects.toMatchObject({ kind: 'Refused', message: expect.stringContaining('permission') });
    expect(times('mark') + times('look')).toBeLessThan(20);
    expect((await count()).standing).toMatchObject({ aside: 0, pending: LOAD });
    script[which].clear();
    await writeAll();
    expect((await count()).done).toMatchObject({ marked: LOAD });
  });
});

test('those of others that are refused keep no own one from being marked', async () => {
  const { run, script } = start(20);
  for (const [id, one] of script.held) {
    if (Number(id) % 2 === 0) script.held.set(id, { ...one, isOurs: true });
    else script.refused.add(id);
  }
  expect(await run()).toMatchObject({ marked: 10, setAside: 10 });
});

test('what is said to be done and does not show is written once more, and then set aside', async () => {
  const { run, script, times, asideOf, later } = start(3);
  script.hides = true;
  expect(await run()).toMatchObject({ marked: 6, confirmed: 0, setAside: 3, pending: 0 });
  expect(times('mark')).toBe(2);
  expect(await asideOf()).toHaveLength(3);
  script.hides = false;
  later(DAY);
  expect(await run()).toMatchObject({ marked: 0 });
  later(7 * DAY);
  expect(await run()).toMatchObject({ marked: 3, confirmed: 3, aside: 0 });
});

test('a request that fails in between is made again for what it was about, and no more', async () => {
  const { read, judgeAll, form, write, script, count } = start(2 * LOAD);
  await read();
  await judgeAll();
  let marks = 0;
  script.before = async (what) => {
    marks += what === 'mark' ? 1 : 0;
    if (marks === 2) throw new Error('It fell over.');
  };
  const [part] = (await form('write')).open;
  await expect(write(part?.part ?? 0, 'marks')).rejects.toThrow('It fell over.');
  expect((await count()).done.marked).toBe(LOAD);
  await write(part?.part ?? 0, 'marks');
  expect((await count()).done.marked).toBe(2 * LOAD);
  expect(marks).toBe(3);
});

describe('marks with odd names', () => {
  test.each(['mdti:', 'mdti:a,b', 'mdti:a]"b\\', 'mdti-score:', `mdti:${'x'.repeat(500)}`])('go: %j', async (name) => {
    const { run, script, count } = start(1, { marks: [name] });
    expect(await run()).toMatchObject({ marked: 1, confirmed: 1 });
    expect(script.held.get('1')?.marks).not.toContain(name);
    expect(await run()).toMatchObject({ changed: 0, judged: 0 });
    expect((await count()).standing.right).toBe(1);
  });
});

describe('at the sandbox', () => {
  const many = Array.from({ length: LOAD }, (_, at) => ({ id: at + 1, value: `h${at + 1}.example` }));
  const world = async (faults: Parameters<typeof startThreatStreamStore>[0] = {}) => {
    const threatstream = await startThreatStreamStore(faults, many);
    const enriching = startEnriching(ledger, threatstream.store, {}, threatstream.clock);
    for (const { value } of many) enriching.oracle.says.set(value, scored(80));
    return { ...threatstream, ...enriching };
  };

  test.each(['unauthorised', 'forbidden', 'missing'] as const)(
    'what others hold may be %s, and is set aside',
    async (foreignTagging) => {
      const { run, requests, counts, setFaults, later } = await world({ faults: { foreignTagging } });
      expect(await run()).toMatchObject({ setAside: LOAD, gone: 0, marked: 0, artifacts: LOAD });
      expect(requests.length).toBeLessThan(40);
      setFaults({ foreignTagging: 'accepted' });
      later(8 * DAY);
      expect(await run()).toMatchObject({ marked: LOAD, aside: 0 });
      expect(counts()).toMatchObject({ foreignTouched: 0, publicTags: 0 });
    },
  );

  test.each(['request', 'item-ignored'] as const)(
    'one that is declined costs no other its tags (%s)',
    async (bulkForbidden) => {
      const { run, tags } = await world({ faults: { bulkForbidden, untaggable: ['h117.example'] } });
      expect(await run()).toMatchObject({ confirmed: LOAD - 1, setAside: 1, pending: 0 });
      expect(await tags([116, 117])).toEqual({ 116: ['mdti-score:75-89', 'mdti:malicious'], 117: [] });
    },
  );

  test.each(['bulk_tagging', 'bulk_remove_tags'] as const)('siblings are removed by %s', async (untagBy) => {
    const { run, oracle, later, tags } = await world({ faults: { untagBy }, settings: { untagBy } });
    await run();
    oracle.says.set('h1.example', scored(95)).set('h2.example', scored(5));
    later(2 * DAY);
    expect(await run()).toMatchObject({ marked: 1, cleared: 1, confirmed: 2 });
    expect(await tags([1, 2])).toEqual({ 1: ['mdti-score:90-100', 'mdti:malicious'], 2: [] });
  });
});
