import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ArtifactComments } from '../../destinations/artifacts.ts';
import { Fault } from '../../indicators/fault.ts';
import { planComment, sendComment } from '../../ledger/artifact-comments.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { scored, startEnriching, startThreatStreamStore, TTL } from './enriching.ts';
import { artifact, scriptedStore } from './scripted-store.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const GRACE = 600_000;
const COMMENTING = { writing: { minimumScore: 50, tags: false, comment: true, score: false } };

/** What is on its way, and when it comes in. */
type Fate = 'taken' | 'lost' | 'lost acknowledgement' | 'late' | 'declined';

/** A store whose comments meet with what a test says. */
function start(count = 1, given: Parameters<typeof startEnriching>[2] = {}, values: readonly string[] = []) {
  const held = Array.from({ length: count }, (_, at) =>
    artifact(at + 1, values[at] === undefined ? {} : { value: values[at] }),
  );
  const there: { value: string; text: string }[] = [];
  const fates: Fate[] = [];
  const late: { value: string; text: string }[] = [];
  const adding = {
    reads: 0,
    adds: 0,
    before: async (): Promise<void> => undefined,
    beforeRead: async (): Promise<void> => undefined,
  };
  const comments: ArtifactComments = {
    graceMs: GRACE,
    key: ({ value }) => value,
    async read({ value }) {
      adding.reads += 1;
      await adding.beforeRead();
      return there.filter((one) => one.value === value).map(({ text }) => text);
    },
    async add({ value, remoteId }, text, _signal, leaving) {
      await adding.before();
      await leaving();
      adding.adds += 1;
      const fate = fates.shift() ?? 'taken';
      if (fate === 'declined')
        return { remoteId, kind: 'refused', reason: 'It answered 403 when it was to be commented on' };
      if (fate === 'taken' || fate === 'lost acknowledgement') there.push({ value, text });
      if (fate === 'late') late.push({ value, text });
      if (fate === 'taken') return null;
      throw new Fault('Unavailable', 'It was not answered.');
    },
  };
  const scripted = scriptedStore(held, { comments });
  const enriching = startEnriching(ledger, scripted.store, { ...COMMENTING, ...given });
  for (const { value } of held) enriching.oracle.says.set(value, scored(80));
  return {
    ...scripted,
    ...enriching,
    there,
    fates,
    adding,
    arrive: () => there.push(...late.splice(0)),
    markers: () => there.map(({ text }) => /\[mdti-sync: (.*)\]/.exec(text)?.[1]),
    /** A round up to the writing of comments. */
    upToComments: async (): Promise<number> => {
      await enriching.read();
      await enriching.judgeAll();
      const [part] = (await enriching.form('write')).open;
      return part?.part ?? 0;
    },
  };
}

test.each(['planned', 'sent'] as const)(
  'one that was %s before its artifact was judged anew, at another minute, is written once all the same',
  async (state) => {
    const { upToComments, name, write, rows, later, there, adding } = start();
    await upToComments();
    const row = (await rows()).get('1');
    const before = { key: 'h1.example', verdict: row?.verdict ?? '', text: 'Said at another minute.' };
    await planComment(ledger, name, { ...before, writtenBy: row?.id ?? 0 });
    if (state === 'sent') await sendComment(ledger, name, before, new Date(0));
    later(GRACE + 1);
    await write(1, 'besides');
    expect(there).toHaveLength(1);
    expect(adding.adds).toBe(1);
  },
);

test('a comment is written once a verdict, whatever the score does in between', async () => {
  const { run, oracle, later, markers, adding } = start();
  expect(await run()).toMatchObject({ commented: 1, pending: 0, right: 1 });
  expect(await run()).toMatchObject({ commented: 0, judged: 0 });
  for (const score of [85, 89, 95, 96, 60, 20, 10, 0, 80]) {
    oracle.says.set('h1.example', scored(score));
    later(TTL + 1);
    await run();
  }
  expect(markers()).toEqual(['malicious 75-89', 'malicious 90-100', 'malicious 50-74', 'below', 'malicious 75-89']);
  oracle.says.delete('h1.example');
  later(TTL + 1);
  expect(await run()).toMatchObject({ commented: 1 });
  expect(markers().at(-1)).toBe('none');
  expect(adding.adds).toBe(6);
});

test('of what was never bad nobody says anything', async () => {
  const { run, oracle, adding } = start();
  oracle.says.set('h1.example', scored(20));
  expect(await run()).toMatchObject({ commented: 0, right: 1 });
  expect(adding).toMatchObject({ reads: 0, adds: 0 });
});

test('two artifacts of one value have one comment', async () => {
  const { run, there, adding } = start(3, {}, ['same.example', 'same.example', 'other.example']);
  expect(await run()).toMatchObject({ commented: 2, pending: 0, right: 3 });
  expect(there.map(({ value }) => value)).toEqual(['same.example', 'other.example']);
  expect(adding.adds).toBe(2);
});

test('values that differ only in their case are two, and of one host', async () => {
  const { run, oracle, there } = start(2, {}, ['Same.example', 'same.example']);
  oracle.says.set('same.example', scored(80));
  expect(await run()).toMatchObject({ commented: 2, lookedUp: 1, hosts: 1 });
  expect(there.map(({ value }) => value)).toEqual(['Same.example', 'same.example']);
});

describe('a comment whose acknowledgement was lost', () => {
  test('and that is found is not written again', async () => {
    const { run, fates, adding } = start();
    fates.push('lost acknowledgement');
    expect(await run()).toMatchObject({ commented: 1, pending: 0 });
    expect(adding).toMatchObject({ adds: 1 });
  });

  test('and that is not found is written again, once it can hardly come in any more', async () => {
    const { upToComments, write, fates, adding, later, markers } = start();
    fates.push('lost');
    const part = await upToComments();
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Throttled', isOurs: true });
    later(GRACE - 1);
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Throttled' });
    expect(adding.adds).toBe(1);
    later(1);
    await write(part, 'besides');
    expect(adding.adds).toBe(2);
    expect(markers()).toEqual(['malicious 75-89']);
  });

  test('and that comes in late is found', async () => {
    const { upToComments, write, fates, adding, later, arrive, markers } = start();
    fates.push('late');
    const part = await upToComments();
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Unavailable' });
    later(GRACE / 2);
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Throttled' });
    arrive();
    await write(part, 'besides');
    expect(adding.adds).toBe(1);
    expect(markers()).toEqual(['malicious 75-89']);
  });

  test('keeps no other from being written', async () => {
    const { upToComments, write, fates, there } = start(3);
    fates.push('lost');
    const part = await upToComments();
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(write(part, 'besides')).rejects.toMatchObject({ kind: 'Throttled' });
    expect(there.map(({ value }) => value)).toEqual(['h2.example', 'h3.example']);
  });

  test('is looked for before one of another verdict is written', async () => {
    const { upToComments, write, fates, oracle, later, run, markers, adding } = start();
    fates.push('lost acknowledgement');
    await expect(write(await upToComments(), 'besides')).rejects.toMatchObject({ kind: 'Unavailable' });
    oracle.says.set('h1.example', scored(95));
    later(TTL + 1);
    await run();
    expect(markers()[0]).toBe('malicious 75-89');
    later(TTL + 1);
    await run();
    expect(markers()).toEqual(['malicious 75-89', 'malicious 90-100']);
    expect(adding.adds).toBe(2);
  });

  test('is nobody else’s to wait for once its artifact is gone', async () => {
    const { read, judgeAll, form, write, fates, run, script, there, later } = start(2, { batchSize: 1 }, [
      'same.example',
      'same.example',
    ]);
    await read();
    await judgeAll();
    const [first] = (await form('write')).open;
    fates.push('lost');
    await expect(write(first?.part ?? 0, 'besides')).rejects.toMatchObject({ kind: 'Unavailable' });
    script.held.delete('1');
    later(8 * TTL);
    expect(await run()).toMatchObject({ gone: 1, commented: 1 });
    expect(there).toHaveLength(1);
  });
});

test('one that is declined sets its artifact aside with the reason', async () => {
  const { run, fates, rows } = start(2);
  fates.push('declined');
  expect(await run()).toMatchObject({ commented: 1, setAside: 1, pending: 0 });
  expect((await rows()).get('1')?.reason).toBe('It answered 403 when it was to be commented on.');
});

test('a ledger that was lost finds what is there', async () => {
  const { run, adding, markers, name, store, clock } = start();
  await run();
  const anew = startEnriching(ledger, store, { ...COMMENTING, name: `${name} anew` }, clock);
  anew.oracle.says.set('h1.example', scored(80));
  expect(await anew.run()).toMatchObject({ commented: 0, right: 1 });
  expect(adding.adds).toBe(1);
  expect(markers()).toEqual(['malicious 75-89']);
});

test('what has no host says nothing of a value that another artifact has a comment of', async () => {
  const { run, script, markers, later } = start(1, {}, ['same.example']);
  await run();
  script.held.set('2', artifact(2, { value: 'same.example', type: 'other', marks: ['mdti:malicious'] }));
  await run();
  later(TTL + 1);
  await run();
  expect(markers()).toEqual(['malicious 75-89']);
});

test('a comment is written once, though two are about to at the same time', async () => {
  const { upToComments, write, patiently, adding, markers } = start();
  const part = await upToComments();
  let waiting = 0;
  let both = (): void => undefined;
  const met = new Promise<void>((resolve) => {
    both = resolve;
  });
  adding.before = async () => {
    waiting += 1;
    if (waiting === 2) both();
    await met;
  };
  const ends = await Promise.allSettled([write(part, 'besides'), write(part, 'besides')]);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await patiently(() => write(part, 'besides'));
  expect(markers()).toEqual(['malicious 75-89']);
});

describe('at the sandbox', () => {
  const world = async (values: readonly string[], type: 'domain' | 'url' = 'domain') => {
    const artifacts = values.map((value, at) => ({ id: at + 1, type, value }));
    const threatstream = await startThreatStreamStore({}, artifacts);
    const enriching = startEnriching(ledger, threatstream.store, COMMENTING, threatstream.clock);
    enriching.oracle.says.set('a.example', scored(80)).set('b.example', scored(80));
    return { ...threatstream, ...enriching };
  };

  test('comments are private, by value, and written once', async () => {
    const { run, requests, counts, later, oracle } = await world(['a.example', 'a.example', 'b.example']);
    expect(await run()).toMatchObject({ commented: 2 });
    const posted = requests.filter(({ method, url }) => method === 'POST' && url.includes('/comments/'));
    expect(posted.map(({ url }) => new URL(url).searchParams.get('value'))).toEqual(['a.example', 'b.example']);
    expect(posted.map(({ body }) => JSON.parse(body ?? ''))).toEqual([
      expect.objectContaining({ tlp: 'red' }),
      expect.objectContaining({ tlp: 'red' }),
    ]);
    later(TTL + 1);
    expect(await run()).toMatchObject({ commented: 0, lookedUp: 2 });
    oracle.says.set('a.example', scored(95));
    later(TTL + 1);
    expect(await run()).toMatchObject({ commented: 1 });
    expect(counts()).toMatchObject({ comments: 3, doubleComments: 0, publicTags: 0 });
  });

  test.each([2_000, 4_000, 8_000])(
    'a URL of %i characters is commented on, or set aside, and keeps no other',
    async (length) => {
      const random = Array.from({ length: length / 40 }, (_, at) =>
        createHash('sha1').update(`${at}`).digest('hex'),
      ).join('');
      const { run, counts } = await world(
        [`http://a.example/${random}`, `http://a.example/é${'é'.repeat(length / 2)}`, 'http://b.example/?a=1&b=2#c'],
        'url',
      );
      const ran = await run();
      expect(ran).toMatchObject({ pending: 0, artifacts: 3, gone: 0 });
      expect(ran.right + ran.aside).toBe(3);
      expect(counts()).toMatchObject({ doubleComments: 0 });
    },
  );
});
