import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shipment } from '../../destinations/destination.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { letLeaseRunOut } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, patiently, startDelivery, WAYS } from './delivery.ts';
import { forHours, listed, redeliverAll } from './effort.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const BAD = 'bad.example.com';
const ENDED = { ended: 'revoked' } as const;
const other = (day: number) => edited(1, { validUntil: `2027-03-0${day}T00:00:00Z` }, `other${day}.example.com`);
const answerOf = (status: number) => ({ status, headers: {}, text: '' });

type Delivery = Awaited<ReturnType<typeof startDelivery>>;

const isAboutBad = ({ items }: Shipment): boolean => items.some(({ value }) => value === BAD);

/** The first request that brings it is lost, and whoever looks for it gets an error, while all else is answered. */
function loseWithoutTrace(delivery: Delivery): void {
  let isLost = false;
  delivery.troubles.find = (shipment) => isLost && isAboutBad(shipment);
  delivery.bench.answers.to = ({ method, body }) => {
    if (isLost || method === 'GET' || body?.includes(BAD) !== true) return null;
    isLost = true;
    return answerOf(504);
  };
}

function comeBack(delivery: Delivery): void {
  delete delivery.bench.answers.to;
  delete delivery.troubles.find;
  delete delivery.troubles.confirm;
}

describe.each(WAYS)('with approval %s', (approval) => {
  const start = () => startDelivery(ledger, approval, { lostAckGrace: 0, maxObjects: 1 }, { polls: 0 });

  describe('a lost request that cannot be looked for', () => {
    test('does not keep its window for ever, and is sent once it can be seen that it never came', async () => {
      const delivery = await start();
      loseWithoutTrace(delivery);
      const window = await delivery.bring(edited(1, {}, BAD), other(1));
      expect(await forHours(delivery, 4, 'deliver', window)).toMatchObject({ deliver: 2 });
      expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 1, rejected: 0, pending: 0 });
      expect(await listed(ledger, delivery)).toEqual([BAD]);

      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 0, pending: 0 });
      expect(await listed(ledger, delivery)).toEqual([BAD]);

      comeBack(delivery);
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(await listed(ledger, delivery)).toEqual([]);
      expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
    });

    test('is looked for without end while nothing else is answered either', async () => {
      const delivery = await start();
      loseWithoutTrace(delivery);
      const window = await delivery.bring(edited(1, {}, BAD));
      expect(await delivery.deliver(window)).toBe('Unavailable');
      delivery.setFaults({ outage: true });
      expect(await forHours(delivery, 10, 'deliver', window)).toBe('Unavailable');
      expect(await listed(ledger, delivery)).toEqual([]);
    });

    test('does not keep what waits for it when its run has ended', async () => {
      const delivery = await start();
      loseWithoutTrace(delivery);
      const left = await delivery.bring(edited(1, {}, BAD));
      expect(await delivery.deliver(left)).toBe('Unavailable');
      await letLeaseRunOut(ledger, left);
      const window = await delivery.bring(edited(2, { confidence: 95 }, BAD), other(2));
      expect(await forHours(delivery, 4, 'deliver', window)).toMatchObject({ deliver: 2 });
      comeBack(delivery);
      expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 2, pending: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
    });
  });

  describe('a change of which nobody says what became of it', () => {
    const withChange = async () => {
      const delivery = await start();
      await delivery.finish(await delivery.bring(edited(1, {}, BAD)));
      delivery.troubles.confirm = isAboutBad;
      const update = await delivery.bring(edited(2, { confidence: 95 }, BAD));
      await forHours(delivery, 4, 'deliver', update);
      await forHours(delivery, 4, 'confirm', update);
      expect(await listed(ledger, delivery)).toEqual([BAD]);
      return delivery;
    };

    test('is asked for before what was there before counts as there', async () => {
      const delivery = await withChange();
      const early = await delivery.bring(edited(3, {}, BAD));
      expect(await delivery.finish(early)).toMatchObject({ confirmed: 0, pending: 0 });
      expect(await listed(ledger, delivery)).toEqual([BAD]);

      comeBack(delivery);
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 2 });
      expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ confidence: 80 }]);
      expect(await listed(ledger, delivery)).toEqual([]);
    });

    test('and that was done, costs nothing more', async () => {
      const delivery = await withChange();
      comeBack(delivery);
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, updates: 1 });
      expect(await listed(ledger, delivery)).toEqual([]);
    });
  });

  test('a withdrawal that a run has left behind and that always fails does not keep what waits for it', async () => {
    // What waits for a review is left out of it, and not changed.
    const way = approval === 'required' ? 'automatic' : approval;
    const delivery = await startDelivery(ledger, way, { lostAckGrace: 0, maxObjects: 1 }, { polls: 0 });
    await delivery.finish(await delivery.bring(edited(1, {}, BAD)));
    delivery.setFaults({ broken: { changes: [BAD] } });
    const left = await delivery.bring(edited(2, ENDED, BAD));
    expect(await delivery.deliver(left)).toBe('Unavailable');
    await letLeaseRunOut(ledger, left);
    const window = await delivery.bring(edited(3, { confidence: 95 }, BAD), other(3));
    expect(await forHours(delivery, 10, 'deliver', window)).toMatchObject({ deliver: 2 });
    // It is held, and can no more be changed than withdrawn.
    expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 1, pending: 0 });
    expect(await listed(ledger, delivery)).toEqual([BAD]);
    delivery.setFaults({ broken: {} });
    await redeliverAll(ledger, delivery);
    expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });
});
