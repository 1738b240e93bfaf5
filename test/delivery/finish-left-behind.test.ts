import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { failWindow, planWindows } from '../../ledger/windows.ts';
import { letLeaseRunOut } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** As a run that was cancelled leaves a window; one that was terminated leaves it as it is, also for another that comes to it later. */
const ENDS = ['cancelled', 'terminated', 'terminated and followed by one that has more to do first'] as const;

/** Another run plans the window, and does not begin with it. */
async function takeUp(windowId: number): Promise<void> {
  const row = await ledger.selectFrom('windows').selectAll().where('id', '=', windowId).executeTakeFirstOrThrow();
  const { windows } = await planWindows(ledger, {
    pipeline: row.pipeline,
    kind: 'live',
    owner: { workflowId: 'another run', runId: 'of another' },
    span: { from: row.from_time.toISOString(), to: row.to_time.toISOString() },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 1,
    now: new Date(),
  });
  expect(windows.map(({ id }) => id)).toEqual([windowId]);
}

describe.each(WAYS)('with approval %s', (approval) => {
  describe.each(ENDS)('a run that was %s leaves an indicator on its way, and another batch', (end) => {
    const start = async (faults: Parameters<typeof startDelivery>[3] = {}) => {
      const delivery = await startDelivery(ledger, approval, { lostAckGrace: 0 }, { polls: 0, ...faults });
      return {
        ...delivery,
        endRun: async (windowId: number): Promise<void> => {
          if (end === 'cancelled') await failWindow(ledger, windowId, 'the backfill was cancelled');
          else await letLeaseRunOut(ledger, windowId);
          if (end.includes('followed')) await takeUp(windowId);
        },
      };
    };

    test('confirms what was sent', async () => {
      const { bring, deliver, endRun, finish, counts } = await start();
      const first = await bring(edited(1));
      expect(await deliver(first)).toMatchObject({ requests: 1 });
      const second = await bring(edited(2, { confidence: 95 }));
      expect(await deliver(second)).toBe('Throttled');
      expect(await deliver(second)).toBe('Throttled');
      await endRun(first);
      expect(await finish(second)).toMatchObject({ confirmed: 1 });
      expect(await finish(first)).toMatchObject({ confirmed: 1 });
      expect(counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
    });

    test('withdraws what was sent and is revoked', async () => {
      const { bring, deliver, endRun, finish, counts } = await start();
      const first = await bring(edited(1));
      expect(await deliver(first)).toMatchObject({ requests: 1 });
      await endRun(first);
      expect(await finish(await bring(edited(2, { ended: 'revoked' })))).toMatchObject({ retracted: 1 });
      expect(await finish(first)).toMatchObject({ confirmed: 1 });
      expect(counts()).toMatchObject({ holds: 0, duplicates: 0 });
    });

    test('sends what was planned and not sent', async () => {
      const { bench, bring, deliver, endRun, finish, counts } = await start();
      const first = await bring(edited(1));
      bench.pace.until = () => Promise.reject(new Fault('Throttled', 'The budget is spent for now.'));
      expect(await deliver(first)).toBe('Throttled');
      delete bench.pace.until;
      await endRun(first);
      expect(await finish(await bring(edited(2, { confidence: 95 })))).toMatchObject({ confirmed: 1 });
      expect(await finish(first)).toMatchObject({ confirmed: 1 });
      expect(counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
    });

    test('finds what was sent without an answer', async () => {
      const { bring, deliver, endRun, finish, counts, setFaults } = await start({ lostAcks: 1 });
      const first = await bring(edited(1));
      expect(await deliver(first)).toBe('Unavailable');
      setFaults({ lostAcks: 0 });
      await endRun(first);
      expect(await finish(await bring(edited(2, { confidence: 95 })))).toMatchObject({ confirmed: 1 });
      expect(await finish(first)).toMatchObject({ confirmed: 1 });
      expect(counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
    });
  });

  test('what such a run was about to withdraw is withdrawn before it is brought back', async () => {
    const delivery = await startDelivery(ledger, approval, {}, { polls: 0 });
    const { bring, deliver, finish, counts, setFaults } = delivery;
    await finish(await bring(edited(1)));
    const first = await bring(edited(2, { ended: 'revoked' }));
    setFaults({ outage: true });
    expect(await deliver(first)).toBe('Unavailable');
    setFaults({ outage: false });
    const second = await bring(edited(3));
    expect(await deliver(second)).toBe('Throttled');
    expect(await deliver(second)).toBe('Throttled');
    await letLeaseRunOut(ledger, first);
    expect(await finish(second)).toMatchObject({ confirmed: 1 });
    await finish(first);
    expect(counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });
});
