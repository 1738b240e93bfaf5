import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleDeliveries } from '../../activities/sample-deliveries.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsOf, startDelivery } from '../delivery/delivery.ts';
import { ROW } from '../indicators/arbitraries.ts';
import { observation } from '../ledger/observation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

test('what the destination holds by its own id counts as a change, and makes no session', async () => {
  const { name, bench, bring, finish } = await startDelivery(ledger, 'required');
  await finish(await bring(observation('held@example.com', { type: 'email' })));
  const rows = ['held', 'new1', 'new2'].map((mailbox) =>
    Object.assign({}, ROW, {
      id: mailbox,
      observableKey: 'email-addr:value',
      observableValue: `${mailbox}@example.com`,
      pattern: `[email-addr:value = '${mailbox}@example.com']`,
    }),
  );
  const unused = (): never => {
    throw new Error('A sample is only read.');
  };
  const parts = partsOf(ledger, name, bench, {
    exclude: () => null,
    reader: { count: unused, estimate: unused, read: async () => ({ rows, malformed: [] }), close: unused },
  });
  const slice = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z', bucket: 0, buckets: 1 };
  const sampled = await new MockActivityEnvironment().run(() => sampleDeliveries(parts, parts.pipeline(name), slice));
  expect(sampled).toMatchObject({ indicators: 3, deliveries: 3, shipments: 1 });
  // A request for the change, for its tags, and to read it; and what a session takes.
  expect(sampled).toMatchObject({ requests: 6 });
});
