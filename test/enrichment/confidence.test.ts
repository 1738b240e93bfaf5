import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { scored, startEnriching, startThreatStreamStore, TTL } from './enriching.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const SCORING = { writing: { minimumScore: 50, tags: false, comment: false, score: true } };

async function start() {
  const threatstream = await startThreatStreamStore({}, [
    { id: 1, value: 'a.example', owner: 'own', confidence: 30 },
    { id: 2, value: 'a.example', owner: 'foreign', confidence: 40 },
  ]);
  const enriching = startEnriching(ledger, threatstream.store, SCORING, threatstream.clock);
  enriching.oracle.says.set('a.example', scored(80));
  const shown = async (): Promise<readonly (number | null)[]> => {
    const refs = ['1', '2'].map((remoteId) => ({ remoteId, value: 'a.example', isOurs: false }));
    const found = await threatstream.store.look(refs, new AbortController().signal);
    return ['1', '2'].map((id) => found.get(id)?.score ?? null);
  };
  return { ...threatstream, ...enriching, shown };
}

test('is the score of what is ours, follows it, and is set back once', async () => {
  const { run, oracle, later, shown, counts } = await start();
  expect(await run()).toMatchObject({ rescored: 1, pending: 0 });
  expect(await shown()).toEqual([80, 40]);
  expect(await run()).toMatchObject({ rescored: 0 });
  const at = async (score: number): Promise<unknown> => {
    oracle.says.set('a.example', scored(score));
    later(TTL + 1);
    return run();
  };
  expect(await at(95)).toMatchObject({ rescored: 1 });
  expect(await shown()).toEqual([95, 40]);
  expect(await at(10)).toMatchObject({ rescored: 1 });
  expect(await shown()).toEqual([30, 40]);
  expect(await at(5)).toMatchObject({ rescored: 0 });
  expect(counts()).toMatchObject({ foreignTouched: 0, tagWrites: 0, confidences: 3 });
});

test('what somebody has set since it was set back is let be, and is what it is set back to the next time', async () => {
  const { run, oracle, later, shown, store, requests } = await start();
  const at = async (score: number): Promise<unknown> => {
    oracle.says.set('a.example', scored(score));
    later(TTL + 1);
    return run();
  };
  await run();
  await at(10);
  // A person, by hand.
  await store.rescore?.({ remoteId: '1', value: 'a.example', isOurs: true }, 60, new AbortController().signal);
  requests.splice(0);
  expect(await at(5)).toMatchObject({ rescored: 0 });
  expect(await shown()).toEqual([60, 40]);
  expect(await at(85)).toMatchObject({ rescored: 1 });
  expect(await at(10)).toMatchObject({ rescored: 1 });
  expect(await shown()).toEqual([60, 40]);
});
