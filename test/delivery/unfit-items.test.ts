import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planItems } from '../../delivery/render-shipments.ts';
import type { Destination } from '../../destinations/destination.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe.each(WAYS)('with approval %s', (approval) => {
  describe('one that cannot be put into the form of the destination', () => {
    /** As a release before may have stored it. */
    const spoil = (value: string) =>
      sql`update indicators set facts = jsonb_set(facts, '{tags}', '[7]') where value = ${value}`.execute(ledger);
    const reasonOf = async (windowId: number) =>
      ledger
        .selectFrom('batch_items')
        .innerJoin('indicators', 'indicators.id', 'batch_items.indicator_id')
        .select(['value', 'reason'])
        .where('window_id', '=', windowId)
        .where('outcome', '=', 'rejected')
        .execute();

    test('is rejected with its reason, and the others are delivered', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
      const window = await delivery.bring(
        edited(1),
        edited(1, {}, 'spoilt.example.com'),
        edited(1, {}, 'c.example.com'),
      );
      await spoil('spoilt.example.com');
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 2, rejected: 1, pending: 0 });
      expect(await reasonOf(window)).toEqual([
        { value: 'spoilt.example.com', reason: "cannot be put into the destination's form (TypeError)" },
      ]);
      expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
    });

    test('after it was planned is rejected, and those that it was to travel with are sent', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { everyNth429: 1, polls: 0 });
      const window = await delivery.bring(edited(1), edited(1, {}, 'late.example.com'));
      expect(await delivery.deliver(window)).toBe('Throttled');
      await spoil('late.example.com');
      delivery.setFaults({ everyNth429: 0 });
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 1, rejected: 1, pending: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    });

    test('after it was sent is confirmed as what was sent', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
      const window = await delivery.bring(edited(1), edited(1, {}, 'gone.example.com'));
      await delivery.deliver(window);
      await spoil('gone.example.com');
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 2, rejected: 0, pending: 0 });
    });

    test('keeps what is held of it, and is withdrawn when it ends', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
      await delivery.finish(await delivery.bring(edited(1, {}, 'held.example.com')));
      const second = await delivery.bring(edited(2, { confidence: 95 }, 'held.example.com'));
      await spoil('held.example.com');
      expect(await delivery.finish(second)).toMatchObject({ rejected: 1 });
      const third = await delivery.bring(edited(3, { ended: 'revoked' }, 'held.example.com'));
      expect(await delivery.finish(third)).toMatchObject({ retracted: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 0 });
    });
  });

  test('one that never ends, as .NET writes it, is delivered', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    const never = edited(1, { validUntil: '9999-12-31T23:59:59.9999999Z' });
    expect(await delivery.finish(await delivery.bring(never))).toMatchObject({ confirmed: 1 });
  });
});

test('one that hinders the planning of all is found by itself', async () => {
  const items = [1, 2, 3].map((id) => ({
    id,
    key: { type: 'domain' as const, value: '' },
    hash: '',
    batchKey: '',
    value: '',
    form: {},
  }));
  const plan: Destination['plan'] = (all) => {
    if (all.some(({ id }) => id === 2)) throw new RangeError('It cannot be planned.');
    return [all];
  };
  const { requests, unfit } = planItems({ plan }, items);
  expect(requests.map((request) => request.map(({ id }) => id))).toEqual([[1, 3]]);
  expect(unfit).toEqual([{ id: 2, reason: "cannot be put into the destination's form (RangeError)" }]);
});
