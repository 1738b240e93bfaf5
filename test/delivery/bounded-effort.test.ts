import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { SIGNAL } from '../destinations/threatstream-sandbox.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, patiently, startDelivery, WAYS } from './delivery.ts';
import { forHours, listed, redeliverAll } from './effort.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const BAD = 'bad.example.com';
const good = (count: number) => Array.from({ length: count }, (_, at) => edited(1, {}, `good${at}.example.com`));

describe.each(WAYS)('with approval %s', (approval) => {
  const start = (
    faults: Parameters<typeof startDelivery>[3],
    settings: Parameters<typeof startDelivery>[2] = {},
    way = approval,
  ) => startDelivery(ledger, way, { lostAckGrace: 0, ...settings }, { polls: 0, ...faults });

  test('a request that fails does not keep the others: they go in the same attempt', async () => {
    const delivery = await start({ broken: { imports: [BAD] } }, { maxObjects: 1 });
    const others = Array.from({ length: 12 }, (_, at) => edited(1, {}, `other${at}.example.com`));
    const window = await delivery.bring(edited(1, {}, BAD), ...others);
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.submissions()).toBe(13);
    await patiently(() => delivery.confirm(window));
    expect(delivery.counts()).toMatchObject({ holds: 12 });
  });

  test('an item whose own request always fails is found, set aside, and sent when a person asks for it', async () => {
    const delivery = await start({ broken: { imports: [BAD] } }, { maxObjects: 11 });
    const window = await delivery.bring(
      ...good(10),
      edited(1, {}, BAD),
      edited(1, { validUntil: '2027-03-01T00:00:00Z' }, 'other.example.com'),
    );
    expect(await forHours(delivery, 4, 'deliver', window)).toMatchObject({ deliver: 12 });
    expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 11, rejected: 0, pending: 0 });
    expect(await listed(ledger, delivery)).toEqual([BAD]);

    delivery.setFaults({ broken: {} });
    expect(await delivery.finish(await delivery.bring())).toMatchObject({ deliver: 0 });
    expect(await redeliverAll(ledger, delivery)).toEqual({ rejected: 0, setAside: 1 });
    expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
    expect(await listed(ledger, delivery)).toEqual([]);
    expect(delivery.counts()).toMatchObject({ holds: 12, duplicates: 0, updates: 0 });
  });

  test('alone, it is set aside, too, while the destination answers other questions', async () => {
    const delivery = await start({ broken: { imports: [BAD] } });
    const window = await delivery.bring(edited(1, {}, BAD));
    expect(await forHours(delivery, 5, 'deliver', window)).toBe('Unavailable');
    expect(await forHours(delivery, 5, 'deliver', window)).toMatchObject({ pending: 0 });
    expect(await listed(ledger, delivery)).toEqual([BAD]);
  });

  test('while nothing gets through, nothing is set aside', async () => {
    const delivery = await start({ outage: true });
    const window = await delivery.bring(
      ...good(5),
      edited(1, { validUntil: '2027-03-01T00:00:00Z' }, 'other.example.com'),
    );
    expect(await forHours(delivery, 10, 'deliver', window)).toBe('Unavailable');
    // Its search is back before its imports are.
    delivery.setFaults({ outage: false, broken: { imports: ['good0.example.com', 'other.example.com'] } });
    expect(await forHours(delivery, 10, 'deliver', window)).toBe('Unavailable');
    expect(await listed(ledger, delivery)).toEqual([]);
    delivery.setFaults({ broken: {} });
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 6, pending: 0 });
    expect(delivery.counts()).toMatchObject({ holds: 6, duplicates: 0 });
  });

  describe('an item that cannot be withdrawn', () => {
    const withEnded = async () => {
      // What waits for a review is left out of it, and not changed.
      const delivery = await start({}, {}, approval === 'required' ? 'automatic' : approval);
      await delivery.finish(await delivery.bring(edited(1, {}, BAD), ...good(3)));
      delivery.setFaults({ broken: { changes: [BAD] } });
      const ended = { ended: 'revoked' } as const;
      const window = await delivery.bring(edited(2, ended, BAD), edited(2, ended, 'good1.example.com'));
      expect(await delivery.deliver(window)).toBe('Unavailable');
      expect(delivery.counts()).toMatchObject({ holds: 3 });
      return { delivery, window };
    };

    test('is set aside as held, and withdrawn when a person asks for it', async () => {
      const { delivery, window } = await withEnded();
      expect(await forHours(delivery, 2, 'deliver', window)).toMatchObject({ retracted: 1, pending: 0 });
      expect(await listed(ledger, delivery)).toEqual([BAD]);
      delivery.setFaults({ broken: {} });
      expect(await redeliverAll(ledger, delivery)).toEqual({ rejected: 0, setAside: 1 });
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ retracted: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 2 });
    });

    test('does not keep the rest of its batch', async () => {
      const { delivery } = await withEnded();
      const ended = edited(3, { ended: 'revoked' }, 'good2.example.com');
      delivery.setFaults({ broken: { changes: [BAD, 'good2.example.com'] } });
      const window = await delivery.bring(ended, edited(1, {}, 'new.example.com'));
      expect(await delivery.deliver(window)).toBe('Unavailable');
      expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 1, pending: 1 });
    });

    test('is not, while the destination is away', async () => {
      const { delivery, window } = await withEnded();
      delivery.setFaults({ outage: true });
      expect(await forHours(delivery, 10, 'deliver', window)).toBe('Unavailable');
      expect(await listed(ledger, delivery)).toEqual([]);
    });
  });
});

describe('a session that cannot be asked for', () => {
  const withSession = async () => {
    const delivery = await startDelivery(ledger, 'required', {}, { polls: 0, broken: { sessions: [BAD] } });
    const window = await delivery.bring(
      edited(1, {}, BAD),
      edited(1, { validUntil: '2027-03-01T00:00:00Z' }, 'other.example.com'),
    );
    expect(await delivery.deliver(window)).toMatchObject({ requests: 2 });
    return { delivery, window };
  };
  const withUnknown = async () => {
    const { delivery, window } = await withSession();
    expect(await forHours(delivery, 2, 'confirm', window)).toMatchObject({ confirmed: 1, rejected: 0, pending: 0 });
    expect(await listed(ledger, delivery)).toEqual([BAD]);
    return delivery;
  };

  test('ends with its items set aside; asked again, the destination has them, and nothing is sent twice', async () => {
    const delivery = await withUnknown();
    delivery.setFaults({ broken: {} });
    const before = delivery.submissions();
    expect(await redeliverAll(ledger, delivery)).toEqual({ rejected: 0, setAside: 1 });
    expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
    expect(delivery.submissions()).toBe(before);
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });

  test('stays set aside while it still cannot be asked for', async () => {
    const delivery = await withUnknown();
    await redeliverAll(ledger, delivery);
    expect(await delivery.deliver(await delivery.bring())).toMatchObject({ confirmed: 0, pending: 0 });
    expect(await listed(ledger, delivery)).toEqual([BAD]);
    expect(delivery.counts()).toMatchObject({ duplicates: 0 });
  });

  test('what may be there is withdrawn when it ends', async () => {
    const delivery = await withUnknown();
    delivery.setFaults({ broken: {} });
    expect(await delivery.finish(await delivery.bring(edited(2, { ended: 'revoked' }, BAD)))).toMatchObject({
      retracted: 1,
    });
    expect(await listed(ledger, delivery)).toEqual([]);
  });

  test.each(['required', 'automatic'] as const)(
    'and whose session never ends is sent anew after a day (%s)',
    async (approval) => {
      const delivery = await startDelivery(ledger, approval, {}, { stuckSessions: 1, polls: 0 });
      const window = await delivery.bring(edited(1));
      await delivery.deliver(window);
      expect(await forHours(delivery, 2, 'confirm', window)).toMatchObject({ confirmed: 0, rejected: 0 });
      delivery.setFaults({ stuckSessions: 0 });
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 0 });
      expect(delivery.submissions()).toBe(1);
      delivery.later(24 * 3_600_000);
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, sessions: 2 });
      expect(await listed(ledger, delivery)).toEqual([]);
    },
  );

  test('and ends before its slow session does, is withdrawn after that', async () => {
    const delivery = await startDelivery(ledger, 'automatic', {}, { polls: 8 });
    const window = await delivery.bring(edited(1));
    await delivery.deliver(window);
    delivery.later(2 * 3_600_000);
    expect(await delivery.confirm(window)).toMatchObject({ confirmed: 0, rejected: 0, pending: 0 });
    const ended = await delivery.bring(edited(2, { ended: 'revoked' }));
    expect(await delivery.finish(ended)).toMatchObject({ retracted: 0, pending: 0 });
    const never = { name: 'none', items: [] };
    for (let looked = 0; looked < 8; looked += 1) {
      await delivery.bench.threatstream.find(never, { sentAfter: new Date(0), endedAt: null }, SIGNAL);
    }
    expect(delivery.counts()).toMatchObject({ holds: 1 });
    delivery.later(25 * 3_600_000);
    await delivery.finish(await delivery.bring());
    expect(delivery.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
  });

  test('is asked for without end while the destination is away', async () => {
    const { delivery, window } = await withSession();
    await forHours(delivery, 0, 'confirm', window);
    delivery.setFaults({ outage: true });
    expect(await forHours(delivery, 10, 'confirm', window)).toBe('Unavailable');
    expect(await listed(ledger, delivery)).toEqual([]);
  });
});
