import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe('a change that is done in part', () => {
  test.each([
    ['another', 503, 'Unavailable'],
    ['another', 429, 'Throttled'],
    ['another', 403, 'Refused'],
    ['the form that is held', 503, 'Unavailable'],
    ['the form that is held', 403, 'Refused'],
  ] as const)('before %s is wanted, and answered %i then, leaves nothing', async (next, status, kind) => {
    const delivery = await startDelivery(ledger, 'bypass', { confirmFor: 0 }, { polls: 0, tagsBumpUpdates: true });
    await delivery.finish(await delivery.bring(edited(1)));
    const first = await delivery.bring(edited(2, { tags: ['b'], confidence: 60 }));
    const { bench } = delivery;
    let asked = 0;
    bench.answers.to = ({ method }) => {
      asked += method === 'GET' ? 0 : 1;
      return method !== 'GET' && asked > 1 ? { status, headers: {}, text: '' } : null;
    };
    expect(await delivery.deliver(first)).toBe(kind);
    const facts = next === 'another' ? { tags: ['c'], confidence: 70 } : {};
    const second = await delivery.bring(edited(3, facts));
    bench.answers.to = () => null;
    await delivery.finish(first);
    await delivery.finish(second);
    const [{ tags, confidence } = { tags: [], confidence: 0 }] = bench.sandbox.tips.threatstream.holdings();
    expect([new Set(tags), confidence]).toEqual(
      next === 'another' ? [new Set(['mdti', 'c']), 70] : [new Set(['mdti']), 80],
    );
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('and then again, leaves nothing of either', async () => {
    const untagBy = 'bulk_remove_tags';
    const faults = { polls: 0, tagsBumpUpdates: true, untagBy } as const;
    const delivery = await startDelivery(ledger, 'bypass', { confirmFor: 0, untagBy }, faults);
    await delivery.finish(await delivery.bring(edited(1, { tags: ['a'] })));
    const { bench } = delivery;
    const failing = (what: string): void => {
      bench.answers.to = ({ method, url }) =>
        method === 'PATCH' && url.includes(what) ? { status: 503, headers: {}, text: '' } : null;
    };
    const first = await delivery.bring(edited(2, { tags: ['b'] }));
    failing('bulk_remove_tags');
    expect(await delivery.deliver(first)).toBe('Unavailable');
    expect(bench.sandbox.tips.threatstream.holdings()[0]?.tags).toContain('b');
    const second = await delivery.bring(edited(3, { tags: ['c'], confidence: 60 }));
    failing('/intelligence/');
    await delivery.deliver(first);
    await delivery.deliver(second);
    const third = await delivery.bring(edited(4, { tags: ['d'], confidence: 70 }));
    bench.answers.to = () => null;
    for (const window of [first, second, third]) await delivery.finish(window);
    expect(new Set(bench.sandbox.tips.threatstream.holdings()[0]?.tags)).toEqual(new Set(['mdti', 'd']));
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });
});
