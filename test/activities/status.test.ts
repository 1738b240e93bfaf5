import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerStatus } from '../../activities/answer-status.ts';
import { followReviews } from '../../delivery/follow-reviews.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { setAside } from '../../ledger/set-aside.ts';
import { edited, partsOf, startDelivery } from '../delivery/delivery.ts';
import { observation } from '../ledger/observation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startOrdering } from './ordering.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const HOUR = 3_600_000;

test('what waits for an analyst is told by sessions and indicators, and by when the first of it was sent', async () => {
  const { name, bench, bring, finish, later } = await startDelivery(ledger, 'required');
  const status = () => answerStatus(partsOf(ledger, name, bench), name);
  expect(await status()).toMatchObject({
    shipmentName: 'import session',
    review: { shipments: 0, indicators: 0, oldest: null },
  });
  const first = bench.clock.at.toISOString();
  await finish(await bring(edited(1, {}, 'a.example.com'), edited(1, {}, 'b.example.com')));
  later(HOUR);
  await finish(await bring(edited(1, { validUntil: '2027-03-04T00:00:00Z' }, 'c.example.com')));
  expect(await status()).toMatchObject({ review: { shipments: 2, indicators: 3, oldest: first } });
});

test('where nobody reviews anything, requests have no name of their own, and nothing waits', async () => {
  const { name, bench, bring, finish } = await startDelivery(ledger, 'bypass');
  await finish(await bring(edited(1)));
  const status = await answerStatus(partsOf(ledger, name, bench), name);
  expect(status).not.toHaveProperty('shipmentName');
  expect(status).toMatchObject({ review: { shipments: 0, indicators: 0 }, wouldLeave: { indicators: 0, requests: 0 } });
});

test.each(['answer', 'missing'] as const)(
  'a session that has brought nothing new waits for nobody, unless what it discarded waits (lists: %s)',
  async (sessionLists) => {
    const { name, bench, bring, finish } = await startDelivery(
      ledger,
      'required',
      { confirmFor: 0 },
      { polls: 0, sessionLists },
    );
    const parts = partsOf(ledger, name, bench);
    // As a release has it that did not keep the ids.
    const forget = () =>
      sql`update deliveries d set remote_id = null, held = null, asked = null, awaits = null from indicators i
        where i.id = d.indicator_id and i.pipeline = ${name}`.execute(ledger);
    const waiting = async () => (await answerStatus(parts, name)).review?.shipments;
    await finish(await bring(edited(1)));
    await forget();
    await finish(await bring(edited(2, { tags: ['b'] })));
    expect(await waiting()).toBe(2);
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    await new MockActivityEnvironment().run(() => followReviews(parts, parts.pipeline(name)));
    await forget();
    await finish(await bring(edited(3, { tags: ['c'] })));
    expect(await waiting()).toBe(0);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ sessions: 3, discarded: 2, holds: 1 });
  },
);

test('what is gathered is told, and what it would come to if it left now', async () => {
  const ordering = startOrdering(ledger, { gatherMs: 6 * HOUR, fullLoad: 4 });
  const windowId = await ordering.window();
  // Without a reputation, which an address of a mailbox never has, these are delivered.
  const mailboxes = ['a', 'a', 'b'].map((tag, index) =>
    observation(`x${index}@example.com`, { type: 'email', facts: { tags: [tag] } }),
  );
  await ordering.read(windowId, mailboxes);
  await ordering.score(windowId);
  await ordering.order(windowId);
  const parts = {
    ...ordering.parts,
    pipeline: (name: string) => {
      const pipeline = ordering.parts.pipeline(name);
      const { destination } = pipeline;
      const plan: typeof destination.plan = (items) =>
        [...new Set(items.map(({ batchKey }) => batchKey))].map((key) =>
          items.filter(({ batchKey }) => batchKey === key),
        );
      return { ...pipeline, destination: { ...destination, plan, requestsFor: () => 2.5 } };
    },
  };
  expect(await answerStatus(parts, ordering.name)).toMatchObject({
    setAside: [],
    gathered: { indicators: 3, since: '2026-11-24T12:00:00.000Z', due: '2026-11-24T18:00:00.000Z' },
    due: 0,
    wouldLeave: { indicators: 3, shipments: 2, requests: 5 },
  });
});

test('what is due would leave by the plan of the destination: in a session, or as a change of what has an id', async () => {
  const { name, bench, bring, finish } = await startDelivery(ledger, 'automatic');
  const parts = partsOf(ledger, name, bench);
  const email = (value: string, confidence: number, edit = 1) =>
    observation(value, { type: 'email', time: `2026-11-0${edit}T00:00:00.0000000Z`, facts: { confidence } });
  await finish(await bring(email('held@example.com', 80), email('same@example.com', 80)));
  await bring(email('held@example.com', 90, 2), email('new@example.com', 80));
  const rows = await ledger.selectFrom('indicators').select('id').where('pipeline', '=', name).execute();
  const now = bench.clock.at;
  await setAside(
    ledger,
    rows.map(({ id }) => ({ id, stage: 'delivery', reason: 'nobody answered', dueAt: now })),
    now,
  );
  expect(await answerStatus(parts, name)).toMatchObject({
    due: 3,
    // One that is held in just this form costs nothing.
    wouldLeave: { indicators: 2, shipments: 1, requests: 6 },
  });
});
