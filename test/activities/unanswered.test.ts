import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** The first request that brings it is lost, or taken in, and whoever looks for it gets an error, while all else is answered. */
function loseWithoutTrace(delivery: Delivery, end: 'lost' | 'taken in' = 'lost'): void {
  const lost = new Set<string>();
  delivery.bench.answers.to = ({ method, url, body }) => {
    if (method === 'GET') return [...lost].some((one) => isAbout(url, one, end)) ? answerOf(500) : null;
    const text = decodeURIComponent(body ?? '');
    if (!text.includes(BAD) || lost.size > 0) return null;
    for (const [marker] of text.matchAll(/mdti-sync:[\w:-]+/g)) lost.add(marker);
    return end === 'lost' ? answerOf(504) : null;
  };
}

/** Its search or, when there is one, its session. */
function isAbout(url: string, marker: string, end: 'lost' | 'taken in'): boolean {
  return decodeURIComponent(url).includes(marker) || (end === 'taken in' && /importsession\/\d+/.test(url));
}

describe.each(WAYS)('with approval %s', (approval) => {
  const start = () => startDelivery(ledger, approval, { lostAckGraceMs: 0 }, { polls: 0 });

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

      delete delivery.bench.answers.to;
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
      delete delivery.bench.answers.to;
      expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 2, pending: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
    });
  });

  describe.each(['lost', 'taken in'] as const)('an update that was %s without anybody knowing', (end) => {
    const withUpdate = async () => {
      const delivery = await start();
      await delivery.finish(await delivery.bring(edited(1, {}, BAD)));
      loseWithoutTrace(delivery, end);
      const update = await delivery.bring(edited(2, { confidence: 95 }, BAD));
      await forHours(delivery, 4, 'deliver', update);
      await forHours(delivery, 4, 'confirm', update);
      expect(await listed(ledger, delivery)).toEqual([BAD]);
      return delivery;
    };

    test('is asked for before what was there before counts as there', async () => {
      const delivery = await withUpdate();
      const early = await delivery.bring(edited(3, {}, BAD));
      expect(await delivery.finish(early)).toMatchObject({ confirmed: 0, pending: 0 });
      expect(await listed(ledger, delivery)).toEqual([BAD]);

      delete delivery.bench.answers.to;
      await redeliverAll(ledger, delivery);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: end === 'lost' ? 0 : 2 });
      expect(await listed(ledger, delivery)).toEqual([]);
    });
  });

  test('a withdrawal that a run has left behind and that always fails does not keep what waits for it', async () => {
    const delivery = await start();
    await delivery.finish(await delivery.bring(edited(1, {}, BAD)));
    delivery.setFaults({ broken: { changes: [BAD] } });
    const left = await delivery.bring(edited(2, ENDED, BAD));
    expect(await delivery.deliver(left)).toBe('Unavailable');
    await letLeaseRunOut(ledger, left);
    const window = await delivery.bring(edited(3, { confidence: 95 }, BAD), other(3));
    expect(await forHours(delivery, 2, 'deliver', window)).toMatchObject({ deliver: 2 });
    expect(await patiently(() => delivery.confirm(window))).toMatchObject({ confirmed: 2, pending: 0 });
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });
});
