import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wrongSum } from '../../indicators/counts.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { formBatches, openBatches } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { claimWindow, releaseWindows } from '../../ledger/window-owners.ts';
import { closeWindow, planWindows } from '../../ledger/windows.ts';
import { edited, startDelivery, WAYS } from '../delivery/delivery.ts';
import { listed } from '../delivery/effort.ts';
import { decideWindow, NOW, readRows } from '../ledger/decided-window.ts';
import { letLeaseRunOut } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

type Delivery = Awaited<ReturnType<typeof startDelivery>>;

const ENDED = { ended: 'revoked' } as const;

/** Reads rows in a backfill's window, long before all others, which is left as it is when the backfill is cancelled. */
async function readAndLeave(delivery: Delivery, ...observations: readonly Observation[]): Promise<number> {
  const { name: pipeline } = delivery;
  const owner = { workflowId: `backfill of ${pipeline}`, runId: 'one' };
  const { windows } = await planWindows(ledger, {
    pipeline,
    kind: 'backfill',
    owner,
    span: { from: '2025-06-01T00:00:00.000Z', to: '2025-06-02T00:00:00.000Z' },
    windowMs: 86_400_000,
    overlapMs: 0,
    limit: 1,
    now: NOW,
  });
  const windowId = windows[0]?.id ?? 0;
  await claimWindow(ledger, windowId, owner);
  await readRows(ledger, { pipeline, windowId, slice: '0/1', observations });
  await formBatches(ledger, windowId, 1_000);
  await releaseWindows(ledger, pipeline, owner, 'the backfill was cancelled');
  return windowId;
}

/** A window that has settled all that it had reads more, as when it is run again; what follows from it is brought to its end. */
async function readMore(delivery: Delivery, windowId: number, ...observations: readonly Observation[]): Promise<void> {
  await readRows(ledger, { pipeline: delivery.name, windowId, slice: '1/2', observations });
  await formBatches(ledger, windowId, 1_000);
  for (const { batch } of await openBatches(ledger, windowId, 0, 10)) {
    await decideWindow(ledger, windowId, batch);
    await delivery.finish(windowId, batch);
  }
}

async function sumsOf(windowId: number) {
  const counts = await windowCounts(ledger, windowId);
  expect(wrongSum(counts, counts)).toBeNull();
  return counts;
}

describe.each(WAYS)('with approval %s', (approval) => {
  const start = (faults: Parameters<typeof startDelivery>[3] = {}) =>
    startDelivery(ledger, approval, { lostAckGrace: 0, confirmFor: 0 }, { polls: 0, ...faults });

  describe('what a cancelled backfill had read and not delivered', () => {
    test('is delivered by whoever reads it again, once', async () => {
      const delivery = await start();
      const old = await readAndLeave(delivery, edited(1), edited(1, {}, 'b.example.com'));
      const live = await delivery.bring(
        edited(2),
        edited(1, { confidence: 95 }, 'b.example.com'),
        edited(2, {}, 'c.example.com'),
      );
      expect(await delivery.finish(live)).toMatchObject({ confirmed: 3 });
      expect(await sumsOf(live)).toMatchObject({ rows: 3, new: 3, unchanged: 0, confirmed: 3 });

      const next = await delivery.bring(edited(3));
      expect(await sumsOf(next)).toMatchObject({ rows: 1, unchanged: 1 });
      await decideWindow(ledger, old);
      expect(await delivery.finish(old)).toMatchObject({ confirmed: 2 });
      expect(await sumsOf(old)).toMatchObject({ new: 2, confirmed: 2 });
      expect(delivery.counts()).toMatchObject({ holds: 3, duplicates: 0, updates: 0 });
    });

    test('and by the next one, should that one end in the same way', async () => {
      const delivery = await start();
      await readAndLeave(delivery, edited(1));
      const live = await delivery.bring(edited(2));
      await letLeaseRunOut(ledger, live);
      expect(await delivery.finish(await delivery.bring(edited(3)))).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    });

    test('is withdrawn when that was its work', async () => {
      const delivery = await start();
      await delivery.finish(await delivery.bring(edited(1)));
      await readAndLeave(delivery, edited(2, ENDED));
      expect(await delivery.finish(await delivery.bring(edited(3, ENDED)))).toMatchObject({ retracted: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 0 });
    });
  });

  describe('what a window that is run again reads besides of what it has settled', () => {
    test('is withdrawn', async () => {
      const delivery = await start();
      const window = await delivery.bring(edited(1));
      await delivery.finish(window);
      await readMore(delivery, window, edited(2, ENDED));
      expect(delivery.counts()).toMatchObject({ holds: 0 });
      expect(await sumsOf(window)).toMatchObject({ rows: 2, new: 1, excluded: 1, retracted: 1 });
    });

    test('is delivered as it is now', async () => {
      const delivery = await start();
      const window = await delivery.bring(edited(1));
      await delivery.finish(window);
      await readMore(delivery, window, edited(2, { confidence: 20 }));
      expect(delivery.counts()).toMatchObject({ holds: 1, updates: 1 });
      expect(await sumsOf(window)).toMatchObject({ rows: 2, new: 1, merged: 1, confirmed: 1 });
    });

    test('is delivered when the window had set it aside', async () => {
      const delivery = await start({ silentDrops: 1, vanishingSessions: 1 });
      const window = await delivery.bring(edited(1));
      await delivery.deliver(window);
      delivery.later(2 * 3_600_000);
      await delivery.confirm(window);
      expect(await listed(ledger, delivery)).toEqual(['a.example.com']);
      delivery.setFaults({ silentDrops: 0, vanishingSessions: 0 });
      await readMore(delivery, window, edited(2, { confidence: 20 }));
      expect(await listed(ledger, delivery)).toEqual([]);
      expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
    });

    test('is delivered by the next run while an earlier form of it is on its way', async () => {
      const delivery = await start();
      const window = await delivery.bring(edited(1));
      await delivery.deliver(window);
      await readMore(delivery, window, edited(2, { confidence: 20 }));
      expect(await delivery.confirm(window)).toMatchObject({ confirmed: 1 });
      expect(await listed(ledger, delivery)).toEqual(['a.example.com']);
      await closeWindow(ledger, window, 2, NOW);
      expect(await delivery.finish(await delivery.bring())).toMatchObject({ confirmed: 1 });
      expect(delivery.counts()).toMatchObject({ holds: 1, updates: 1 });
      expect(await listed(ledger, delivery)).toEqual([]);
    });
  });
});
