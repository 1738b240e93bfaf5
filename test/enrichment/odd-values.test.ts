import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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

test('values that nobody can look up or keep as they are spoil no page, and are no news when they come again', async () => {
  const values = [
    'a\0b',
    'half \ud800 a pair',
    '',
    ' ',
    `http://a.example/${'x'.repeat(200_000)}`,
    '\u202eexample',
    'a.example',
  ];
  const { store } = scriptedStore(values.map((value, at) => artifact(at + 1, { value })));
  const { run, oracle } = startEnriching(ledger, store);
  oracle.says.set('a.example', scored(80));
  expect(await run()).toMatchObject({ new: 7, artifacts: 7, marked: 1, pending: 0 });
  expect(await run()).toMatchObject({ new: 0, changed: 0, judged: 0, marked: 0 });
  expect(oracle.asked).toContain('a.example');
});

test('values that differ only in case, and in how they are written, are looked up once', async () => {
  const values = ['A.example', 'a.EXAMPLE', 'a[.]example', 'a.example.'];
  const { store } = scriptedStore(values.map((value, at) => artifact(at + 1, { value })));
  const { run, oracle, later } = startEnriching(ledger, store);
  oracle.says.set('a.example', scored(80));
  expect(await run()).toMatchObject({ artifacts: 4, hosts: 1, lookedUp: 1, marked: 4 });
  later(TTL + 1);
  expect(await run()).toMatchObject({ lookedUp: 1, marked: 0 });
  expect(oracle.asked).toEqual(['a.example', 'a.example']);
});

test('what a page shows twice is taken as it shows it last', async () => {
  const { store, script } = scriptedStore([]);
  const twice = [artifact(1, { marks: ['mdti:old'] }), artifact(1)];
  script.pages = [{ artifacts: twice, delivered: [], unreadable: 3, position: '1' }];
  const { read, rows, count } = startEnriching(ledger, store);
  await read();
  expect((await rows()).get('1')?.marks).toEqual([]);
  expect((await count()).done).toMatchObject({ read: 5, new: 1, unreadable: 3 });
});

test('pages that tell no place to go on from are read to their end, and anew each time', async () => {
  const { store, script, times } = scriptedStore([]);
  script.pages = [1, 2, 3].map((id) => ({ artifacts: [artifact(id)], delivered: [], unreadable: 0, position: null }));
  const { read, rows } = startEnriching(ledger, store);
  expect(await read(1)).toEqual({ isEnd: true, isFullPass: true });
  expect((await rows()).size).toBe(3);
  expect(await read(1)).toEqual({ isEnd: true, isFullPass: false });
  expect(times('pages')).toBe(2);
});

test('pages that go on telling the place that they were asked for from are read to their end', async () => {
  const { store, script } = scriptedStore([]);
  const { read, rows } = startEnriching(ledger, store);
  script.pages = [{ artifacts: [artifact(1)], delivered: [], unreadable: 0, position: '7' }];
  await read();
  script.pages = [2, 3, 4].map((id) => ({ artifacts: [artifact(id)], delivered: [], unreadable: 0, position: '7' }));
  expect(await read(1)).toEqual({ isEnd: true, isFullPass: false });
  expect((await rows()).size).toBe(4);
});

test('hosts that a query names are looked for once in the time of a pass, with all that they are named as', async () => {
  const { store, script, times } = scriptedStore([artifact(1), artifact(2), artifact(3)]);
  const named = ['h1.example', 'https://H2.example/path', 'who@h1.example', 'nobody.example', 'two words', ''];
  const { run, oracle, later } = startEnriching(ledger, store, { namedHosts: async () => named });
  for (const host of ['h1.example', 'h2.example', 'h3.example']) oracle.says.set(host, scored(80));
  expect(await run()).toMatchObject({ new: 2, marked: 2, confirmed: 2, gone: 0 });
  expect(times('holding')).toBe(1);
  later(60_000);
  expect(await run()).toMatchObject({ read: 0, marked: 0 });
  expect(times('holding')).toBe(1);
  later(8 * TTL);
  script.held.delete('1');
  expect(await run()).toMatchObject({ read: 1, new: 0, artifacts: 2 });
});
