import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { scored, startEnriching, startThreatStreamStore } from './enriching.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
// All pipelines share what is known of hosts.
beforeEach(() => ledger.deleteFrom('reputations').execute());

const WRITING = { minimumScore: 50, tags: true, comment: false, score: false };

test.each(['all', 'what a query names'])(
  'of %s, a threshold that is raised takes effect with the next run, and costs no look-up',
  async (which) => {
    const namedHosts = which === 'all' ? null : async () => ['high.example', 'low.example'];
    const given = { name: `changed ${which}`, writing: WRITING, namedHosts };
    const { store, clock, tags } = await startThreatStreamStore({}, [
      { id: 1, value: 'high.example' },
      { id: 2, value: 'low.example' },
    ]);
    const before = startEnriching(ledger, store, { ...given, selection: 'with 50' }, clock);
    before.oracle.says.set('high.example', scored(95)).set('low.example', scored(60));
    expect(await before.run()).toMatchObject({ judged: 2, lookedUp: 2, marked: 2 });
    before.later(1_000);
    expect(await before.run()).toMatchObject({ judged: 0, marked: 0 });

    before.later(1_000);
    const writing = { ...WRITING, minimumScore: 90 };
    const after = startEnriching(ledger, store, { ...given, writing, selection: 'with 90' }, clock);
    expect(await after.run()).toMatchObject({ judged: 2, lookedUp: 0, marked: 0, cleared: 1, pending: 0 });
    expect(await tags([1, 2])).toMatchObject({ 1: ['mdti-score:90-100', 'mdti:malicious'], 2: [] });
    after.later(1_000);
    expect(await after.run()).toMatchObject({ judged: 0, marked: 0, cleared: 0 });
  },
);
