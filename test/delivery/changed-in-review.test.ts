import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';
import { type Delivery, reviewed, standing, startWaiting } from './in-review.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const LATER = { validUntil: '2027-07-05T00:00:00.0000000Z' } as const;
const REVOKED = { ended: 'revoked' } as const;

describe('what changes while it waits for a review', () => {
  test('and cannot be changed so long, is changed once that is over', async () => {
    const delivery = await startWaiting(ledger);
    await delivery.finish(await delivery.bring(edited(2, LATER)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside', due: false });
    await reviewed(ledger, delivery, 'approve');
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside', due: true });
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', reason: null });
    expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([
      { status: 'active', expiration: '2027-08-01T00:00:00.000Z' },
    ]);
    expect(delivery.counts()).toMatchObject({ sessions: 1, duplicates: 0, discarded: 0 });
  });

  test.each([
    { sessionLists: 'answer', expiryNeedsActive: true },
    { sessionLists: 'answer', expiryNeedsActive: 'ignored' },
    { sessionLists: 'missing', expiryNeedsActive: true },
    { sessionLists: 'missing', expiryNeedsActive: 'ignored' },
  ] as const)('time and again, shows nothing of what it was in between: %j', async (faults) => {
    const delivery = await startWaiting(ledger, faults);
    await delivery.finish(await delivery.bring(edited(2, { ...LATER, tags: ['b'] })));
    await delivery.finish(await delivery.bring(edited(3, { ...LATER, tags: ['c'], tlp: 'green' })));
    await delivery.finish(await delivery.bring(edited(4, { ...LATER, tags: ['d'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside', due: false });
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', reason: null });
    const [{ tags, ...holding } = { tags: [] }] = delivery.bench.sandbox.tips.threatstream.holdings();
    expect(holding).toMatchObject({ status: 'active', expiration: '2027-08-01T00:00:00.000Z', tlp: null });
    expect(new Set(tags)).toEqual(new Set(['d', 'mdti']));
    expect(delivery.counts()).toMatchObject({ duplicates: 0 });
  });

  test.each(['answer', 'missing'] as const)(
    'ends, and comes back before that is over, waits for the review still (lists: %s)',
    async (sessionLists) => {
      const delivery = await startWaiting(ledger, { mayExclude: false, sessionLists });
      await delivery.finish(await delivery.bring(edited(2, REVOKED)));
      expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside' });
      await delivery.finish(await delivery.bring(edited(3, { tags: ['c'] })));
      expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ status: 'awaiting-review' }]);
      await reviewed(ledger, delivery, 'approve');
      await delivery.finish(await delivery.bring());
      expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', reason: null });
      expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ status: 'active' }]);
    },
  );

  test('and is approved before its change is asked about, is changed by the next run', async () => {
    const delivery = await startWaiting(ledger);
    const window = await delivery.bring(edited(2, LATER));
    await delivery.deliver(window);
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(window);
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside', due: true });
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', reason: null });
    expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([
      { expiration: '2027-08-01T00:00:00.000Z' },
    ]);
  });

  test('and is approved as its change is declined, is changed by the next run', async () => {
    const delivery = await startWaiting(ledger);
    const { bench } = delivery;
    let declined = 0;
    bench.answers.to = ({ method, url }) => {
      // The search that follows.
      if (declined === 1 && method === 'GET' && url.includes('/v2/'))
        bench.sandbox.tips.threatstream.review({ decision: 'approve' });
      declined += Number(method === 'PATCH');
      return null;
    };
    await delivery.finish(await delivery.bring(edited(2, LATER)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside' });
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', reason: null });
    expect(bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ expiration: '2027-08-01T00:00:00.000Z' }]);
  });

  test('is changed as it waits, where that can be', async () => {
    const delivery = await startWaiting(ledger, { expiryNeedsActive: false });
    await delivery.finish(await delivery.bring(edited(2, LATER)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed' });
    expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ status: 'awaiting-review' }]);
    await reviewed(ledger, delivery, 'approve');
    expect(delivery.counts()).toMatchObject({ sessions: 1, holds: 1, duplicates: 0 });
  });

  test('is left out of its session when it ends, and brought anew when it comes back', async () => {
    const delivery = await startWaiting(ledger);
    await delivery.finish(await delivery.bring(edited(2, REVOKED)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'retracted', known: false });
    await reviewed(ledger, delivery, 'approve');
    expect(delivery.bench.sandbox.tips.threatstream.holdings().filter(({ status }) => status === 'active')).toEqual([]);
    await delivery.finish(await delivery.bring(edited(3)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed', known: true });
    expect(delivery.counts()).toMatchObject({ holds: 1 });
  });

  test('is withdrawn once it is approved, where it may not be left out', async () => {
    const delivery = await startWaiting(ledger, { mayExclude: false });
    await delivery.finish(await delivery.bring(edited(2, REVOKED)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside' });
    await reviewed(ledger, delivery, 'approve');
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside', due: true });
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'retracted' });
    expect(delivery.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
  });

  test('and is taken out a moment before, is not brought again, where a session does not say what it took', async () => {
    const faults = { polls: 0, sessionLists: 'missing' } as const;
    const delivery = await startDelivery(ledger, 'required', { import: 'text' }, faults);
    await delivery.finish(await delivery.bring(edited(1)));
    delivery.bench.sandbox.tips.threatstream.review({ decision: 'exclude', values: ['a.example.com'] });
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(await delivery.bring(edited(2, { tags: ['c'] })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    expect(delivery.counts()).toMatchObject({ sessions: 1 });
  });

  test('and is rejected, is not brought again for an end that has moved', async () => {
    const delivery = await startWaiting(ledger);
    await reviewed(ledger, delivery, 'reject');
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    await delivery.finish(await delivery.bring(edited(2, LATER)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'rejected' });
    expect(delivery.counts()).toMatchObject({ sessions: 1 });
    await delivery.finish(await delivery.bring(edited(3, { threat: 'c2' })));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed' });
    expect(delivery.counts()).toMatchObject({ sessions: 2 });
  });
});

/** A session that waits, and has discarded what somebody else of the organisation had brought with another one. */
async function besides(decision: 'approve' | null, faults: Parameters<typeof startDelivery>[3] = {}) {
  const theirs = await startWaiting(ledger, faults);
  if (decision !== null) theirs.bench.sandbox.tips.threatstream.review({ decision });
  const ours = await startDelivery(ledger, 'required', { confirmFor: 0 }, {}, theirs);
  for (const { sharing } of [theirs, ours]) sharing.length = 0;
  await ours.finish(await ours.bring(edited(1), edited(1, {}, 'b.example.com')));
  return ours;
}

function held({ bench }: Delivery): unknown {
  return Object.fromEntries(bench.sandbox.tips.threatstream.holdings().map(({ value, status }) => [value, status]));
}

describe('what the organisation had before its session, which waits', () => {
  test('is withdrawn at once when it ends, and stays so when the session is approved', async () => {
    const delivery = await besides('approve');
    await delivery.finish(await delivery.bring(edited(2, REVOKED)));
    expect(held(delivery)).toEqual({ 'a.example.com': 'gone', 'b.example.com': 'awaiting-review' });
    await reviewed(ledger, delivery, 'approve');
    expect(held(delivery)).toEqual({ 'a.example.com': 'gone', 'b.example.com': 'active' });
  });

  test('also where nothing may be left out of a session', async () => {
    const delivery = await besides('approve', { mayExclude: false });
    await delivery.finish(await delivery.bring(edited(2, REVOKED)));
    expect(held(delivery)).toEqual({ 'a.example.com': 'gone', 'b.example.com': 'awaiting-review' });
  });

  test.each(['answer', 'missing'] as const)(
    'and waits itself, is left out of its own (lists: %s)',
    async (sessionLists) => {
      const delivery = await besides(null, { sessionLists, approvalRevives: true });
      await delivery.finish(await delivery.bring(edited(2, REVOKED)));
      await reviewed(ledger, delivery, 'approve');
      expect(held(delivery)).toEqual({ 'b.example.com': 'active' });
    },
  );
});

describe('a URL that is held as a text had it', () => {
  test('and ends at another time while it waits, is changed once that is over', async () => {
    const delivery = await startDelivery(ledger, 'required', { confirmFor: 0 }, { polls: 0 });
    const url = (edit: number, facts = {}) => {
      const row = edited(edit, facts, 'https://c.example.com/x%2Fy,z');
      return { ...row, key: { ...row.key, type: 'url' as const } };
    };
    await delivery.finish(await delivery.bring(url(1)));
    await delivery.finish(await delivery.bring(url(2, LATER)));
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'set-aside' });
    await reviewed(ledger, delivery, 'approve');
    await delivery.finish(await delivery.bring());
    expect(await standing(ledger, delivery)).toMatchObject({ state: 'confirmed' });
    expect(delivery.bench.sandbox.tips.threatstream.holdings()).toMatchObject([
      { value: 'https://c.example.com/x%2Fy%2Cz', expiration: '2027-08-01T00:00:00.000Z' },
    ]);
  });
});
