import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { redeliver } from '../../ledger/redeliver.ts';
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
        /declined 3 items, each alone, in the same words: .*trustedcircles: there is no such circle/,
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

  describe('what goes on being declined so is set aside after a day', () => {
    const HOUR = 3_600_000;
    const BAD = ['bad0.example.com', 'bad1.example.com', 'bad2.example.com'];
    const rows = (values: readonly string[]) => values.map((value) => edited(1, {}, value));
    const listed = async ({ name }: { readonly name: string }) => {
      const { rows: list } = await sql<{ value: string; stage: string; reason: string; state: string; due: boolean }>`
        select i.value, s.stage, s.reason, d.state, s.due_at is not null as due from set_aside s
          join indicators i on i.id = s.indicator_id left join deliveries d on d.indicator_id = i.id
        where i.pipeline = ${name} order by i.value`.execute(ledger);
      return list;
    };
    const standing = async ({ name }: { readonly name: string }) => {
      const { rows: all } = await sql<{ state: string; reason: string; held: boolean; may: boolean }>`
        select d.state, d.reason, d.hash is not null as held, d.may_hold is not null as may
        from deliveries d join indicators i on i.id = d.indicator_id
        where i.pipeline = ${name} and i.value like 'bad%' order by i.value`.execute(ledger);
      return all;
    };
    /** Others were taken in just before. */
    const begun = async (poison: readonly string[] = BAD) => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0, poison: [...poison] });
      await delivery.finish(await delivery.bring(...rows(['good0.example.com'])));
      delivery.later(60_000);
      return delivery;
    };
    type Delivery = Awaited<ReturnType<typeof begun>>;
    /** Tries at once, and again after each pause. */
    const tries = async (delivery: Delivery, window: number, pauses: readonly number[]) => {
      const seen = [await delivery.deliver(window)];
      for (const pause of pauses) {
        delivery.later(pause);
        seen.push(await delivery.deliver(window));
      }
      return seen;
    };
    const hourly = (hours: number): readonly number[] => Array.from({ length: hours }, () => HOUR);
    const refused = (times: number): readonly string[] => Array.from({ length: times }, () => 'Refused');

    test('three bad items, alone in their window: it closes, and they are taken up again once a person says so', async () => {
      const delivery = await begun();
      const window = await delivery.bring(...rows(BAD));
      expect(await tries(delivery, window, hourly(23))).toEqual(refused(24));
      expect(delivery.refusal()).toMatch(
        / declined 3 items, each alone, in the same words: .* Check the settings of the destination .* declined like this are set aside after a day\.$/,
      );
      expect(delivery.refusal()).not.toContain('whatever');
      expect(await listed(delivery)).toEqual([]);

      delivery.later(HOUR);
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 0, rejected: 0, pending: 0 });
      const list = await listed(delivery);
      expect(list.map(({ value }) => value)).toEqual(BAD);
      for (const { stage, reason, state, due } of list) {
        expect({ stage, state, due }).toEqual({ stage: 'delivery', state: 'set-aside', due: false });
        expect(reason).toMatch(
          /^declined again and again for a day, alone in its request and in the same words as others: /,
        );
        expect(reason).not.toMatch(/bad\d/);
      }
      expect(await standing(delivery)).toMatchObject(BAD.map(() => ({ held: false, may: false })));

      // By itself nothing takes them up.
      delivery.later(HOUR);
      expect(await delivery.finish(await delivery.bring(...rows(['good1.example.com'])))).toMatchObject({
        confirmed: 1,
      });
      delivery.setFaults({ poison: [] });
      const now = delivery.bench.clock.at;
      const request = { pipeline: delivery.name, rejected: false, setAside: true, windowId: null, now };
      expect(await redeliver(ledger, request)).toEqual({ rejected: 0, setAside: 3 });
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 3, rejected: 0 });
      expect(await listed(delivery)).toEqual([]);
      expect(delivery.counts()).toMatchObject({ holds: 5, duplicates: 0 });
    });

    test('an update that is declined so leaves what is held as it is', async () => {
      const delivery = await begun([]);
      await delivery.finish(await delivery.bring(...rows(BAD)));
      delivery.later(HOUR);
      delivery.bench.answers.to = ({ method, url }) =>
        method === 'PATCH' && /intelligence\/\d+\/$/.test(url) ? { status: 400, headers: {}, text: '{}' } : null;
      const changed = BAD.map((value) => edited(2, { tlp: 'amber', confidence: 55 }, value));
      const window = await delivery.bring(...changed);
      expect(await tries(delivery, window, hourly(23))).toEqual(refused(24));
      delivery.later(HOUR);
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 0, rejected: 0, pending: 0 });
      expect(await standing(delivery)).toMatchObject(BAD.map(() => ({ state: 'set-aside', held: true, may: false })));
    });

    test.each<[string, readonly number[]]>([
      ['many tries within a day', [...Array.from({ length: 30 }, () => 60_000), 23 * HOUR]],
      ['five tries in days', [12, 12, 12, 12].map((hours) => hours * HOUR)],
    ])('not before: %s', async (_, pauses) => {
      const delivery = await begun();
      const window = await delivery.bring(...rows(BAD));
      expect(await tries(delivery, window, pauses)).toEqual(refused(pauses.length + 1));
      expect(await listed(delivery)).toEqual([]);
      delivery.later(HOUR);
      expect(await delivery.deliver(window)).toMatchObject({ rejected: 0, pending: 0 });
      expect(await listed(delivery)).toHaveLength(3);
    });

    test('nor by tries that were not answered', async () => {
      const delivery = await begun();
      const window = await delivery.bring(...rows(BAD));
      expect(await tries(delivery, window, hourly(3))).toEqual(refused(4));
      delivery.setFaults({ outage: true });
      delivery.later(HOUR);
      expect(await tries(delivery, window, hourly(30))).not.toContain('Refused');
      delivery.setFaults({ outage: false });
      // An answer that was lost is waited for first.
      delivery.later(24 * HOUR);
      expect(await delivery.deliver(window)).toBe('Refused');
      expect(await listed(delivery)).toEqual([]);
      delivery.later(HOUR);
      expect(await delivery.deliver(window)).toMatchObject({ rejected: 0, pending: 0 });
    });

    test('nor when something was taken in between: it is counted anew', async () => {
      const delivery = await begun();
      const window = await delivery.bring(...rows(BAD));
      expect(await tries(delivery, window, hourly(20))).toEqual(refused(21));
      await delivery.finish(await delivery.bring(...rows(['good1.example.com'])));
      delivery.later(HOUR);
      expect(await tries(delivery, window, hourly(23))).toEqual(refused(24));
      delivery.later(HOUR);
      expect(await delivery.deliver(window)).toMatchObject({ rejected: 0, pending: 0 });
      expect(await listed(delivery)).toHaveLength(3);
    });

    test('exactly those: of 100 that are all declined the rest blocks again, none is rejected, and all go once it is mended', async () => {
      const delivery = await startDelivery(ledger, approval, {}, { polls: 0, declineAll: true });
      const values = Array.from({ length: 100 }, (_, index) => `host${index}.example.com`);
      const window = await delivery.bring(...rows(values));
      expect(await tries(delivery, window, hourly(24))).toEqual(refused(25));
      const first = await listed(delivery);
      expect(first).toHaveLength(3);
      expect(await tries(delivery, window, hourly(23))).toEqual(refused(24));
      expect(await listed(delivery)).toEqual(first);
      expect(await tries(delivery, window, hourly(2))).toEqual(refused(3));
      const second = await listed(delivery);
      expect(second.length).toBeGreaterThan(3);
      expect(second.length).toBeLessThan(9);

      delivery.setFaults({ declineAll: false });
      const left = 100 - second.length;
      expect(await delivery.finish(window)).toMatchObject({ confirmed: left, rejected: 0, pending: 0 });
      const now = delivery.bench.clock.at;
      await redeliver(ledger, { pipeline: delivery.name, rejected: true, setAside: true, windowId: null, now });
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: second.length, rejected: 0 });
      expect(delivery.counts()).toMatchObject({ holds: 100, duplicates: 0 });
    });

    test('many bad ones hold what comes after them up for so much longer, and not for ever', async () => {
      const bad = Array.from({ length: 7 }, (_, index) => `bad${index}.example.com`);
      const delivery = await begun(bad);
      const window = await delivery.bring(...rows(bad));
      expect(
        await tries(
          delivery,
          window,
          Array.from({ length: 20 }, () => 4 * HOUR),
        ),
      ).toContainEqual(expect.objectContaining({ rejected: 0, pending: 0 }));
      expect(await listed(delivery)).toHaveLength(7);
      const next = await delivery.bring(...rows(['good1.example.com', 'good2.example.com']));
      expect(await delivery.finish(next)).toMatchObject({ confirmed: 2, rejected: 0 });
    });

    test('they are still a reason for suspicion, until something is taken in', async () => {
      const delivery = await begun([...BAD, 'bad3.example.com', 'bad4.example.com']);
      const window = await delivery.bring(...rows(BAD));
      await tries(delivery, window, hourly(24));
      expect(await listed(delivery)).toHaveLength(3);
      delivery.later(HOUR);
      const other = await delivery.bring(...rows(['bad3.example.com']));
      expect(await delivery.deliver(other)).toBe('Refused');
      delivery.later(HOUR);
      await delivery.finish(await delivery.bring(...rows(['good1.example.com'])));
      delivery.later(HOUR);
      expect(await delivery.deliver(other)).toMatchObject({ rejected: 1, pending: 0 });
    });
  });
});
