import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe('a direct write that comes in when nobody waits for it any more', () => {
  test.each([
    { before: { tags: ['a', 'b'] }, after: { tags: ['b'] }, holds: { tags: ['b', 'mdti'], confidence: 80 } },
    { before: {}, after: { confidence: 90 }, holds: { tags: ['mdti'], confidence: 90 } },
  ])('leaves nothing of what has changed since: $after', async ({ before, after, holds }) => {
    const delivery = await startDelivery(ledger, 'bypass', { confirmFor: 0 }, { polls: 2 });
    expect(await delivery.finish(await delivery.bring(edited(1, before)))).toMatchObject({ confirmed: 0 });
    // What this brings is discarded as a duplicate by then.
    expect(await delivery.finish(await delivery.bring(edited(2, after)))).toMatchObject({ confirmed: 1 });
    const held = delivery.bench.sandbox.tips.threatstream.holdings();
    expect(held.map(({ tags, confidence }) => ({ tags: tags.toSorted(), confidence }))).toEqual([holds]);
  });
});
