import { describe, expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import { domains } from './threatstream-indicators.ts';
import { APPROVALS, deliverAll, only, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';

describe('what no search shows', () => {
  it.each(APPROVALS)('is unknown after a while, never rejected, and never accepted (%s)', async (approval) => {
    // Some are rejected, so that a session's counts do not say which.
    const bench = await startBench(
      approval,
      {},
      { searchHides: ['active', 'inactive'], rejectValues: ['host1.'], sessionLists: 'missing', polls: 0 },
    );
    const { threatstream, clock } = bench;
    const shipment = only(shipmentsOf(threatstream, domains(3)));
    const receipt = await send(threatstream, shipment, SIGNAL);
    expect(await threatstream.confirm(shipment, receipt, SIGNAL)).toMatchObject({ kind: 'waiting' });
    clock.at = new Date(clock.at.getTime() + 6 * 60_000);
    expect(await threatstream.confirm(shipment, receipt, SIGNAL)).toMatchObject({
      accepted: [],
      rejected: [],
      unknown: [{ id: 1 }, { id: 2 }, { id: 3 }],
    });
  });

  it.each(['required', 'automatic'] as const)(
    'need not be searched, where a session took all (%s)',
    async (approval) => {
      const bench = await startBench(approval, {}, { searchHides: ['active', 'inactive'], sessionLists: 'missing' });
      expect(await deliverAll(bench.threatstream, domains(3))).toMatchObject({ accepted: [1, 2, 3], unknown: [] });
    },
  );
});

describe.each(['required', 'automatic'] as const)('an import session that never ends well (%s)', (approval) => {
  it.each([
    ['stays processing', { stuckSessions: 1 }, 59, /still "processing"/],
    ['is in a status that nobody knows', { sessionStatus: 'pondering' }, 59, /still "pondering"/],
    ['vanishes', { vanishingSessions: 1 }, 4, /no longer has its import session/],
  ])('leaves its indicators unknown where it %s', async (_, faults, minutes, reason) => {
    const bench = await startBench(approval, {}, { ...faults, searchHides: ['active', 'inactive'] });
    const { threatstream, clock } = bench;
    const shipment = only(shipmentsOf(threatstream, domains(2)));
    const receipt = await send(threatstream, shipment, SIGNAL);
    clock.at = new Date(clock.at.getTime() + minutes * 60_000);
    expect(await threatstream.confirm(shipment, receipt, SIGNAL)).toMatchObject({ kind: 'waiting' });
    clock.at = new Date(clock.at.getTime() + 60_000);
    expect(await threatstream.confirm(shipment, receipt, SIGNAL)).toMatchObject({
      accepted: [],
      rejected: [],
      unknown: [{ id: 1, reason: expect.stringMatching(reason) }, { id: 2 }],
    });
  });

  it('but has brought what a search shows', async () => {
    const bench = await startBench(approval, { sessionFor: 0 }, { sessionStatus: 'pondering', polls: 0 });
    expect(await deliverAll(bench.threatstream, domains(2))).toMatchObject({ accepted: [1, 2], unknown: [] });
  });
});
