import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';
import { forHours, redeliverAll } from './effort.ts';
import { letArrive, reviewed, standing, startWaiting } from './in-review.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

describe('what an analyst takes out of a session before it is asked about', () => {
  test.each([
    { decision: 'reject', sessionLists: 'answer' },
    { decision: 'reject', sessionLists: 'missing' },
    { decision: 'exclude', sessionLists: 'answer' },
    { decision: 'exclude', sessionLists: 'missing' },
    { decision: 'exclude', sessionLists: 'answer', excludedListed: false },
  ] as const)('is not brought again for a change: %j', async ({ decision, ...faults }) => {
    const delivery = await startDelivery(ledger, 'required', { confirmFor: 0 }, { polls: 0, ...faults });
    const window = await delivery.bring(edited(1), edited(1, {}, 'b.example.com'));
    await delivery.deliver(window);
    await letArrive(delivery);
    delivery.bench.sandbox.tips.threatstream.review({ decision, values: ['a.example.com'] });
    delivery.later(60_000);
    await delivery.finish(window);
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    await delivery.finish(await delivery.bring(edited(2, { tags: ['c'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    expect(delivery.counts()).toMatchObject({ sessions: 1 });
    await delivery.finish(await delivery.bring(edited(3, { threat: 'c2' })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed' });
  });

  test('is not brought again, when nobody knew of it what had become of it', async () => {
    const delivery = await startDelivery(ledger, 'required', { confirmFor: 0 }, { polls: 0 });
    const window = await delivery.bring(edited(1));
    await delivery.deliver(window);
    delivery.troubles.confirm = () => true;
    await forHours(delivery, 4, 'confirm', window);
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside' });
    await letArrive(delivery);
    delivery.bench.sandbox.tips.threatstream.review({ decision: 'reject' });
    delete delivery.troubles.confirm;
    await redeliverAll(ledger, delivery);
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    await delivery.finish(await delivery.bring(edited(2, { tags: ['c'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    expect(delivery.counts()).toMatchObject({ sessions: 1, holds: 0 });
  });
});

describe('a session that an analyst rejects before it is asked about', () => {
  test('has discarded what is held, which is changed nevertheless', async () => {
    const delivery = await startWaiting(ledger, { sessionLists: 'missing' });
    await reviewed(ledger, delivery, 'approve');
    const window = await delivery.bring(edited(2, { tags: ['c'] }), edited(2, {}, 'b.example.com'));
    await delivery.deliver(window);
    const { bench } = delivery;
    bench.answers.to = ({ url }) => (url.includes('/v2/') ? { status: 503, headers: {}, text: '' } : null);
    expect(await delivery.confirm(window)).toBe('Unavailable');
    bench.answers.to = () => null;
    bench.sandbox.tips.threatstream.review({ decision: 'reject' });
    await delivery.finish(window);
    const there = bench.sandbox.tips.threatstream.holdings().filter(({ status }) => status !== 'gone');
    expect(there.map(({ value, tags }) => [value, new Set(tags)])).toEqual([['a.example.com', new Set(['mdti', 'c'])]]);
  });
});

describe('what an analyst takes out of a session', () => {
  test('is refused, too, when nobody had known of it what had become of it', async () => {
    const delivery = await startDelivery(ledger, 'required', { confirmFor: 0 }, { polls: 0 });
    const window = await delivery.bring(edited(1), edited(1, {}, 'b.example.com'));
    await delivery.finish(window);
    // As what a destination has not told of one item of a shipment whose others wait for a review.
    await sql`update deliveries d set state = 'set-aside', may_hold = d.hash, hash = null, awaits = null from indicators i
      where i.id = d.indicator_id and i.pipeline = ${delivery.name} and i.value = 'a.example.com'`.execute(ledger);
    await reviewed(ledger, delivery, 'reject');
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    await delivery.finish(await delivery.bring(edited(2, { tags: ['c'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    expect(delivery.counts()).toMatchObject({ sessions: 1 });
  });

  test('is not what we have taken out ourselves, without an answer to that', async () => {
    const delivery = await startWaiting(ledger);
    const { bench } = delivery;
    bench.answers.to = ({ url }) => {
      // It was done; nobody is told.
      if (!url.includes('delete_selected')) return null;
      bench.sandbox.tips.threatstream.review({ decision: 'exclude', values: ['a.example.com'] });
      return { status: 503, headers: {}, text: '' };
    };
    const window = await delivery.bring(edited(2, { ended: 'revoked' }));
    expect(await delivery.deliver(window)).toBe('Unavailable');
    bench.answers.to = () => null;
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(window);
    await delivery.finish(await delivery.bring(edited(3, { tags: ['c'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed' });
  });
});
