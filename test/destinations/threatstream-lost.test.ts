import { describe, expect, it } from 'vitest';
import { domains } from './threatstream-indicators.ts';
import { only, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';

const HOUR = 60 * 60_000;

describe('an import whose acknowledgement was lost', () => {
  it.each([-13, -1, 0, 1, 13])(
    'is found by its session, before a search shows it, with a clock that is %i hours ahead',
    async (hours) => {
      const bench = await startBench('required', {}, { lostAcks: 1, stuckSessions: 1 });
      const { threatstream, clock } = bench;
      clock.at = new Date(clock.at.getTime() + hours * HOUR);
      const shipment = only(shipmentsOf(threatstream, domains(2)));
      await expect(threatstream.send(shipment, SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
      const found = await threatstream.find(shipment, { sentAfter: clock.at, endedAt: clock.at }, SIGNAL);
      expect(found).toMatchObject({ kind: 'found', receipt: { sessionId: expect.stringMatching(/^\d+$/) } });
    },
  );
});
