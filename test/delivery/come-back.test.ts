import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const REVOKED = { ended: 'revoked' } as const;

describe.each(WAYS)('with approval %s, what was withdrawn', (approval) => {
  test.each(['answer', 'missing'] as const)(
    'has only the tags that it is to have when it comes back (lists: %s)',
    async (sessionLists) => {
      const delivery = await startDelivery(ledger, approval, { confirmFor: 0 }, { polls: 0, sessionLists });
      await delivery.finish(await delivery.bring(edited(1, { tags: ['of-before', 'of-both'] })));
      delivery.bench.sandbox.tips.threatstream.review({ decision: 'approve' });
      // The session that it came with is no matter any more.
      await ledger.updateTable('deliveries').set({ awaits: null }).execute();
      await delivery.finish(await delivery.bring(edited(2, REVOKED)));
      expect(delivery.counts()).toMatchObject({ holds: 0 });
      await delivery.finish(await delivery.bring(edited(3, { tags: ['of-both', 'of-now'] })));
      expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([
        { status: 'active', tags: ['mdti', 'of-both', 'of-now'] },
      ]);
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    },
  );
});
