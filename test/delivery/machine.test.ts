import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, patiently, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe.each(WAYS)('with approval %s', (approval) => {
  test('an indicator that changes between its planning and its sending is sent once', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { everyNth429: 1, polls: 0 });
    const first = await delivery.bring(edited(1), edited(1, {}, 'b.example.com'));
    expect(await delivery.deliver(first)).toBe('Throttled');
    const second = await delivery.bring(edited(2, { confidence: 95 }));
    delivery.setFaults({ everyNth429: 0 });
    expect(await delivery.finish(first)).toMatchObject({ confirmed: 2 });
    expect(await delivery.deliver(second)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 0 });
  });

  test('one that changes back to what is held before it is sent is not sent again', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    await delivery.finish(await delivery.bring(edited(1)));
    const second = await delivery.bring(edited(2, { confidence: 95 }));
    delivery.setFaults({ everyNth429: 1 });
    expect(await delivery.deliver(second)).toBe('Throttled');
    const third = await delivery.bring(edited(3));
    delivery.setFaults({ everyNth429: 0 });
    expect(await delivery.deliver(second)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(await delivery.deliver(third)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
  });

  test('a marking that the destination cannot be shown to hold is no reason to send again', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    await delivery.finish(await delivery.bring(edited(1, { tlp: 'green' })));
    const marked = await delivery.finish(await delivery.bring(edited(2, { tlp: 'amber' })));
    expect(marked).toMatchObject({ confirmed: 1, pending: 0 });
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: approval === 'bypass' ? 0 : 1 });
  });

  test('a request that was sent again and lost again has as long to turn up as the first', async () => {
    const delivery = await startDelivery(ledger, approval, { lostAckGrace: 60_000 }, { lostRequests: 1 });
    const { clock } = delivery.bench;
    const window = await delivery.bring(edited(1));
    expect(await delivery.deliver(window)).toBe('Unavailable');
    clock.at = new Date(clock.at.getTime() + 61_000);
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.submissions()).toBe(2);
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.submissions()).toBe(2);
  });

  test('a request that waited for its turn has as long to turn up as one that did not', async () => {
    const delivery = await startDelivery(ledger, approval, { lostAckGrace: 10_000 }, { lostRequests: 1 });
    const window = await delivery.bring(edited(1));
    delivery.bench.pace.waitMs = 15_000;
    expect(await delivery.deliver(window)).toBe('Unavailable');
    delivery.bench.pace.waitMs = 0;
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.submissions()).toBe(1);
  });

  test('a request whose answer came late has as long to turn up as one that was answered at once', async () => {
    const faults = { earlyAnswers: 1, lateByRequests: 2, polls: 0 };
    const delivery = await startDelivery(ledger, approval, { lostAckGrace: 10_000 }, faults);
    const window = await delivery.bring(edited(1));
    delivery.bench.answers.takeMs = 15_000;
    expect(await delivery.deliver(window)).toBe('Unavailable');
    delivery.bench.answers.takeMs = 0;
    // Looked for too early, though a grace that counts from when it left would be over.
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
    expect(delivery.submissions()).toBe(1);
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('what comes in after it was sent again is confirmed once', async () => {
    // Looked for in vain, and sent again: it comes in when the second is asked about.
    const faults = { earlyAnswers: 1, lateByRequests: approval === 'bypass' ? 3 : 4, polls: 0 };
    const delivery = await startDelivery(ledger, approval, { lostAckGrace: 0 }, faults);
    const window = await delivery.bring(edited(1));
    expect(await delivery.deliver(window)).toBe('Unavailable');
    delivery.setFaults({ earlyAnswers: 0 });
    expect(await delivery.deliver(window)).toMatchObject({ requests: 1 });
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 1, rejected: 0 });
    expect(delivery.submissions()).toBe(2);
    expect(delivery.counts()).toMatchObject({ holds: 1, updates: 0 });
  });

  test('one that may still be on its way in keeps the others of its batch waiting for nothing', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `host${index}.example.com`);
    const delivery = await startDelivery(ledger, approval, { maxObjects: 1 }, { lostRequests: 1 });
    const window = await delivery.bring(...many.map((value) => edited(1, {}, value)));
    expect(await delivery.deliver(window)).toBe('Unavailable');
    const lost = delivery.submissions();
    expect(lost).toBeLessThan(many.length);
    delivery.setFaults({ lostRequests: 0, polls: 0 });
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.submissions()).toBe(many.length);
    // And they are confirmed while it waits.
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.counts()).toMatchObject({ holds: many.length - lost, duplicates: 0 });
    expect(await delivery.confirm(window)).toMatchObject({ confirmed: many.length - lost, pending: lost });
    delivery.bench.clock.at = new Date(delivery.bench.clock.at.getTime() + 6 * 60_000);
    expect(await delivery.finish(window)).toMatchObject({ confirmed: many.length });
    expect(delivery.counts()).toMatchObject({ holds: many.length, duplicates: 0 });
  });

  describe('a request that may be in is looked for before it is sent again', () => {
    /** Requests that looking for it takes, in vain (the list of sessions, and what has changed): the next one brings it in. */
    const looks = 2;

    test.each([
      ['the pace makes it wait', new Fault('Throttled', 'The budget is spent for now.')],
      ['the ledger refuses', new Fault('Refused', 'The ledger does not let us in.')],
      ['the pace is too much', new Fault('TooLarge', 'It is more than the budget has.')],
    ])('though %s in between', async (_, fault) => {
      const faults = { earlyAnswers: 1, lateByRequests: looks, polls: 0 };
      const delivery = await startDelivery(ledger, approval, { lostAckGrace: 0 }, faults);
      const { pace } = delivery.bench;
      const window = await delivery.bring(edited(1));
      expect(await delivery.deliver(window)).toBe('Unavailable');
      let turns = looks;
      pace.until = async () => {
        turns -= 1;
        if (turns < 0) throw fault;
      };
      expect(await delivery.deliver(window)).toBe(fault.kind);
      delete pace.until;
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
      expect(delivery.submissions()).toBe(1);
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    });

    test('though a second try was turned away: the first may be in', async () => {
      const faults = { earlyAnswers: 1, lateByRequests: looks + 1, polls: 0 };
      const delivery = await startDelivery(ledger, approval, { lostAckGrace: 0 }, faults);
      const window = await delivery.bring(edited(1));
      expect(await delivery.deliver(window)).toBe('Unavailable');
      delivery.setFaults({ earlyAnswers: 0, everyNth429: looks + 2 });
      expect(await delivery.deliver(window)).toBe('Throttled');
      expect(delivery.submissions()).toBe(2);
      delivery.setFaults({ everyNth429: 0 });
      expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
      expect(delivery.submissions()).toBe(2);
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    });
  });

  test('a request that was turned away was not taken in: nothing is looked for', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { everyNth429: 1, polls: 0 });
    const window = await delivery.bring(edited(1));
    expect(await delivery.deliver(window)).toBe('Throttled');
    delivery.setFaults({ everyNth429: 0 });
    expect(await delivery.deliver(window)).toMatchObject({ requests: 1 });
    expect(delivery.bench.requests.map(({ method }) => method)).not.toContain('GET');
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('what an import has come to is asked for as seldom as the settings say, whatever bounds the pauses of APIs', async () => {
    const faults = { searchHides: ['active' as const, 'inactive' as const], polls: 1 };
    const delivery = await startDelivery(ledger, approval, { confirmPoll: 600_000 }, faults);
    const window = await delivery.bring(edited(1));
    await delivery.deliver(window);
    expect(await delivery.confirm(window)).toBe('Throttled');
    expect(delivery.wait()).toEqual({ ms: 600_000, isOurs: true });
  });

  test('what nobody can say is held is withdrawn when it ends', async () => {
    const faults = {
      searchHides: ['active' as const, 'inactive' as const],
      sessionLists: 'missing' as const,
      rejectValues: ['b.example'],
      polls: 0,
    };
    const delivery = await startDelivery(ledger, approval, {}, faults);
    const both = ['a.example.com', 'b.example.com'];
    const window = await delivery.bring(...both.map((value) => edited(1, {}, value)));
    expect(await delivery.deliver(window)).toMatchObject({ requests: 1 });
    expect(await delivery.confirm(window)).toBe('Throttled');
    delivery.bench.clock.at = new Date(delivery.bench.clock.at.getTime() + 6 * 60_000);
    expect(await delivery.confirm(window)).toMatchObject({ confirmed: 0, rejected: 0 });
    expect(delivery.counts()).toMatchObject({ holds: 1 });
    delivery.setFaults({ searchHides: [] });
    const revoked = await delivery.bring(...both.map((value) => edited(2, { ended: 'revoked' }, value)));
    await delivery.finish(revoked);
    expect(delivery.counts()).toMatchObject({ holds: 0 });
  });

  test('a copy that is not seen to be withdrawn stays on the list, and is withdrawn later', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    await delivery.finish(await delivery.bring(edited(1)));
    // What waits for a review would be left out of it.
    delivery.bench.answers.to = ({ method, url }) =>
      method === 'DELETE' || (method === 'PATCH' && /intelligence\/\d+\/$/.test(url))
        ? { status: 404, headers: {}, text: '{}' }
        : null;
    const revoked = await delivery.bring(edited(2, { ended: 'revoked' }));
    expect(await delivery.deliver(revoked)).toMatchObject({ retracted: 0, pending: 0 });
    const listed = await ledger
      .selectFrom('set_aside')
      .select('due_at')
      .where('reason', 'like', approval === 'bypass' ? '%answered 404%' : '%waits for a review%')
      .execute();
    expect(listed.at(-1)?.due_at).toEqual(new Date(delivery.bench.clock.at.getTime() + 24 * 3_600_000));
    expect(delivery.counts()).toMatchObject({ holds: 1, withdrawn: 0 });
    delete delivery.bench.answers.to;
    await delivery.finish(await delivery.bring(edited(3, { ended: 'revoked', confidence: 20 })));
    expect(delivery.counts()).toMatchObject({ holds: 0 });
  });

  test('of two attempts at one batch, as when one was taken for dead, only one sends', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    const window = await delivery.bring(edited(1));
    let waiting = 0;
    let open = (): void => undefined;
    const bothWait = new Promise<void>((resolve) => {
      open = resolve;
    });
    delivery.bench.pace.until = () => {
      waiting += 1;
      if (waiting === 2) open();
      return bothWait;
    };
    const outcomes = await Promise.all([delivery.deliver(window), delivery.deliver(window)]);
    expect(delivery.submissions()).toBe(1);
    expect(outcomes.filter((outcome) => outcome === 'Unavailable')).toHaveLength(1);
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('two batches that are each on their way with what the other one waits for both come to an end', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 3 });
    const bring = (edit: number, ...values: readonly string[]): Promise<number> =>
      delivery.bring(...values.map((value) => edited(edit, { confidence: 50 + 10 * edit }, value)));
    const before = await bring(1, 'b.example.com');
    expect(await delivery.deliver(before)).toMatchObject({ requests: 1 });
    const one = await bring(2, 'a.example.com', 'b.example.com');
    expect(await delivery.deliver(one)).toBe('Throttled');
    await delivery.finish(before);
    const two = await bring(3, 'a.example.com', 'b.example.com');
    expect(await delivery.deliver(two)).toBe('Throttled');

    const goOn = async (windowId: number): ReturnType<typeof delivery.confirm> => {
      const delivered = await delivery.deliver(windowId);
      return delivered === 'Throttled' ? delivered : delivery.confirm(windowId);
    };
    const ends = await patiently(async () => {
      const both = [await goOn(one), await goOn(two)];
      return both.includes('Throttled') ? 'Throttled' : both;
    });
    expect(ends).toMatchObject([{ confirmed: 2 }, { confirmed: 2 }]);
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });

  describe('when a change is declined, what was held before is held still', () => {
    const withDeclinedChange = async () => {
      const delivery = await startDelivery(ledger, approval, { confirmFor: 0 }, { polls: 0 });
      expect(await delivery.finish(await delivery.bring(edited(1)))).toMatchObject({ confirmed: 1 });
      delivery.bench.answers.to = ({ method, url }) =>
        method === 'PATCH' && /intelligence\/\d+\/$/.test(url) ? { status: 400, headers: {}, text: '{}' } : null;
      const updated = await delivery.finish(await delivery.bring(edited(2, { confidence: 95 })));
      expect(updated).toMatchObject({ confirmed: 0, rejected: 1 });
      delete delivery.bench.answers.to;
      return delivery;
    };

    test('and is not sent again when it is said again', async () => {
      const delivery = await withDeclinedChange();
      expect(await delivery.deliver(await delivery.bring(edited(3)))).toMatchObject({ requests: 0, confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
      expect(await delivery.finish(await delivery.bring(edited(4, { confidence: 95 })))).toMatchObject({
        confirmed: 1,
      });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
    });

    test('and is withdrawn when it is revoked', async () => {
      const delivery = await withDeclinedChange();
      const revoked = await delivery.bring(edited(3, { ended: 'revoked' }));
      expect(await delivery.finish(revoked)).toMatchObject({ retracted: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 0 });
    });
  });
});
