import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe('a change that is done in part', () => {
  test.each(['another', 'the form that is held'] as const)('before %s is wanted, leaves nothing', async (next) => {
    const delivery = await startDelivery(ledger, 'bypass', { confirmForMs: 0 }, { polls: 0, tagsBumpUpdates: true });
    await delivery.finish(await delivery.bring(edited(1)));
    const first = await delivery.bring(edited(2, { tags: ['b'], confidence: 60 }));
    const { bench } = delivery;
    let asked = 0;
    bench.answers.to = ({ method }) => {
      asked += method === 'GET' ? 0 : 1;
      return method !== 'GET' && asked > 1 ? { status: 503, headers: {}, text: '' } : null;
    };
    expect(await delivery.deliver(first)).toBe('Unavailable');
    const facts = next === 'another' ? { tags: ['c'], confidence: 70 } : {};
    const second = await delivery.bring(edited(3, facts));
    bench.answers.to = () => null;
    await delivery.finish(first);
    await delivery.finish(second);
    const [{ tags, confidence } = { tags: [], confidence: 0 }] = bench.sandbox.holdings();
    expect([new Set(tags), confidence]).toEqual(
      next === 'another' ? [new Set(['mdti', 'c']), 70] : [new Set(['mdti']), 80],
    );
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });
});
