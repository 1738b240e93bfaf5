import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { scored, startEnriching, TTL } from './enriching.ts';
import { artifact, scriptedStore } from './scripted-store.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const MALICIOUS = ['mdti-score:75-89', 'mdti:malicious'];
const WORST = ['mdti-score:90-100', 'mdti:malicious'];

function start(count: number, given: Parameters<typeof startEnriching>[2] = {}) {
  const held = Array.from({ length: count }, (_, at) => artifact(at + 1, { isOurs: true, score: 30 }));
  const scripted = scriptedStore(held, {
    async rescore({ remoteId }, score) {
      const one = script.held.get(remoteId);
      await script.before('rescore', []);
      if (one !== undefined) script.held.set(remoteId, { ...one, score });
      return null;
    },
  });
  const { script } = scripted;
  const enriching = startEnriching(ledger, scripted.store, given);
  const say = (score: number): void => {
    for (const { value } of held) enriching.oracle.says.set(value, scored(score));
  };
  say(80);
  return { ...scripted, ...enriching, say };
}

describe('a step of a run that was terminated, which goes on beside the next run,', () => {
  test('does not have written what was judged meanwhile', async () => {
    const { read, judgeAll, form, write, script, say, later, run, rows } = start(3);
    await read();
    await judgeAll();
    const [part] = (await form('write')).open;
    script.before = async (what) => {
      if (what !== 'mark') return;
      script.before = async () => undefined;
      for (const [id, one] of script.held) script.held.set(id, { ...one, marks: ['mdti:theirs'] });
      say(95);
      later(TTL + 1);
      await read();
      await judgeAll();
    };
    await write(part?.part ?? 0, 'marks');
    expect([...(await rows()).values()].map(({ standing }) => standing)).toEqual(['to-write', 'to-write', 'to-write']);
    await run();
    expect([...script.held.values()].map(({ marks }) => marks.toSorted())).toEqual([WORST, WORST, WORST]);
  });

  test('does not have set a confidence that another one has to be', async () => {
    const writing = { minimumScore: 50, tags: false, comment: false, score: true };
    const { read, judgeAll, form, write, script, say, later, run } = start(1, { writing });
    await read();
    await judgeAll();
    const [part] = (await form('write')).open;
    script.before = async (what) => {
      if (what !== 'rescore') return;
      script.before = async () => undefined;
      for (const [id, one] of script.held) script.held.set(id, { ...one, marks: ['mdti:theirs'] });
      say(95);
      later(TTL + 1);
      await read();
      await judgeAll();
    };
    await write(part?.part ?? 0, 'besides');
    await run();
    expect(script.held.get('1')?.score).toBe(95);
  });

  test('does not judge by what is shown no more', async () => {
    const { read, form, judge, script, parts, run, rows } = start(1);
    await read();
    const [part] = (await form('judge')).open;
    const lookUp = parts.reputations.lookUp.bind(parts.reputations);
    Object.assign(parts.reputations, {
      async lookUp(hosts: readonly string[], signal: AbortSignal) {
        for (const [id, one] of script.held) script.held.set(id, { ...one, marks: MALICIOUS });
        await read();
        return lookUp(hosts, signal);
      },
    });
    await judge(part?.part ?? 0);
    expect((await rows()).get('1')).toMatchObject({ standing: 'due', marks: MALICIOUS });
    expect(await run()).toMatchObject({ marked: 0, right: 1 });
  });
});

test('two runs at once leave all as one would', async () => {
  const COUNT = 600;
  const { script, say, later, run, rows, pipeline, clock, oracle } = start(COUNT, { batchSize: 50 });
  const other = startEnriching(ledger, pipeline.store, { name: pipeline.name, batchSize: 50 }, clock);
  const once = async (): Promise<void> => {
    for (const [host, said] of oracle.says) other.oracle.says.set(host, said);
    await Promise.all([run(), other.run()]);
  };
  for (const [score, wanted] of [
    [80, MALICIOUS],
    [95, WORST],
    [80, MALICIOUS],
    [10, []],
  ] as const) {
    say(score);
    later(TTL + 1);
    await once();
    const shown = [...script.held.values()].map(({ marks }) => JSON.stringify(marks.toSorted()));
    expect(new Set(shown)).toEqual(new Set([JSON.stringify(wanted)]));
    const standing = [...(await rows()).values()].map(({ standing: one }) => one);
    expect(new Set(standing)).toEqual(new Set(['right']));
  }
});

test('reading beside writing takes nothing back of what was written down meanwhile', async () => {
  const COUNT = 300;
  const { read, judgeAll, writeAll, say, later, rows, patiently } = start(COUNT, { batchSize: 20 });
  await read();
  for (const score of [80, 95, 60, 80]) {
    say(score);
    later(TTL + 1);
    await judgeAll();
    await Promise.all([writeAll(), ...Array.from({ length: 20 }, () => patiently(() => read()))]);
    const all = [...(await rows()).values()];
    expect(all.filter(({ standing, work }) => standing === 'to-write' && work === null)).toEqual([]);
    await writeAll();
  }
});
