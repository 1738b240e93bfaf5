import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe.each(WAYS)('with approval %s', (approval) => {
  describe("what is declined whatever it carries is nobody's fault", () => {
    const many = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) => edited(1, {}, `host${from + index}.example.com`));

    test('of 200 indicators none is rejected, after a handful of requests, and all are sent once it is mended', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0, declineAll: true });
      const window = await delivery.bring(...many(200));
      expect(await delivery.deliver(window)).toBe('Refused');
      expect(delivery.submissions()).toBeLessThan(10);
      expect(delivery.refusal()).toMatch(
        /declines requests whatever they carry: .*trustedcircles: there is no such circle/,
      );
      expect(await delivery.deliver(window)).toBe('Refused');
      expect(delivery.submissions()).toBeLessThan(20);

      const before = delivery.submissions();
      delivery.setFaults({ declineAll: false });
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 200, rejected: 0, pending: 0 });
      expect(delivery.submissions() - before).toBe(1);
      expect(delivery.counts()).toMatchObject({ holds: 200, duplicates: 0 });
    });

    test('nor of many requests that say different things', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0, declineAll: true });
      const rows = many(60).map((row, index) =>
        edited(1, { validUntil: `2027-0${1 + (index % 9)}-${10 + (index % 13)}T00:00:00Z` }, row.key.value),
      );
      const window = await delivery.bring(...rows);
      expect(await delivery.deliver(window)).toBe('Refused');
      expect(delivery.submissions()).toBeLessThan(15);
      delivery.setFaults({ declineAll: false });
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 60, rejected: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 60, duplicates: 0 });
    });

    test('nor of one a window: the third tells, and the first two are taken up again', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
      await delivery.finish(await delivery.bring(...many(2, 10)));
      delivery.later(60_000);
      delivery.setFaults({ declineAll: true });
      for (const index of [0, 1]) {
        expect(await delivery.deliver(await delivery.bring(...many(1, index)))).toMatchObject({ rejected: 1 });
      }
      const third = await delivery.bring(...many(1, 2));
      expect(await delivery.deliver(third)).toBe('Refused');
      delivery.setFaults({ declineAll: false });
      expect(await delivery.finish(third)).toMatchObject({ confirmed: 1, rejected: 0 });
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 2, rejected: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 5, duplicates: 0 });
    });

    test('but items that are declined while others are taken in are, each by itself', async () => {
      const bad = ['host3.example.com', 'host40.example.com', 'host41.example.com', 'host80.example.com'];
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0, poison: bad });
      const window = await delivery.bring(...many(100));
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 96, rejected: 4 });
      expect(delivery.counts()).toMatchObject({ holds: 96, duplicates: 0 });
    });

    test('and one that is taken in between makes an end of the suspicion', async () => {
      const delivery = await startDelivery(
        ledger,
        approval,
        {},
        { polls: 0, poison: ['host0.example.com', 'host1.example.com', 'host2.example.com'] },
      );
      for (const index of [0, 1]) {
        expect(await delivery.deliver(await delivery.bring(...many(1, index)))).toMatchObject({ rejected: 1 });
      }
      delivery.later(60_000);
      await delivery.finish(await delivery.bring(...many(1, 3)));
      delivery.later(60_000);
      expect(await delivery.deliver(await delivery.bring(...many(1, 2)))).toMatchObject({ rejected: 1 });
    });
  });
});
