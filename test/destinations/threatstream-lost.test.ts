import { describe, expect, it } from 'vitest';
import { openMarker } from '../../destinations/threatstream/tags.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { json, page, SENT_AT, scripted, shipment } from './scripted-threatstream.ts';
import { domains } from './threatstream-indicators.ts';
import { type Approval, only, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';

const HOUR = 60 * 60_000;

describe('an import whose acknowledgement was lost', () => {
  it.each([-13, -1, 0, 1, 13])(
    'is found by its session, before a search shows it, with a clock that is %i hours ahead',
    async (hours) => {
      const bench = await startBench('required', {}, { lostAcks: 1, stuckSessions: 1 });
      const { threatstream, clock } = bench;
      clock.at = new Date(clock.at.getTime() + hours * HOUR);
      const sent = only(shipmentsOf(threatstream, domains(2)));
      await expect(threatstream.send(sent, SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
      const found = await threatstream.find(sent, { sentAfter: clock.at, endedAt: clock.at }, SIGNAL);
      expect(found).toMatchObject({ kind: 'found', receipt: { sessionId: expect.stringMatching(/^\d+$/) } });
    },
  );
});

describe('a lost request of a time when approval was set to something else', () => {
  const LOST = { sentAfter: new Date(SENT_AT), endedAt: new Date(SENT_AT) };
  /** A service that shows nothing but what carries this tag, and answers the list of sessions so. */
  const showing = (approval: Approval, tag: string, sessions: HttpReply) =>
    scripted(
      (_, { pathname, searchParams }) => {
        if (pathname.includes('importsession')) return sessions;
        return page(searchParams.get('tags.name') === tag ? [{ id: 1, value: 'host0.example.com' }] : []);
      },
      { approval },
    );

  it.each([
    ['by the marker of a direct write', 'required', (marker: string) => openMarker(marker), 'direct'],
    ['by the marker of an import', 'bypass', (marker: string) => marker, 'session'],
  ] as const)('is found %s', async (_, approval, tagOf, kind) => {
    const { threatstream } = showing(approval, tagOf('mdti-sync:one:0'), page([]));
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({
      kind: 'found',
      receipt: { kind },
    });
  });

  it.each([403, 404])('does not need a list of sessions, where that is answered %i', async (status) => {
    const { threatstream } = showing('bypass', 'mdti-sync:one:0', json(status, {}));
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({ kind: 'found' });
    const without = showing('bypass', 'another', json(status, {}));
    expect(await without.threatstream.find(shipment(without.threatstream), LOST, SIGNAL)).toMatchObject({
      kind: 'waiting',
    });
    const needed = showing('required', 'another', json(status, {}));
    const refused = needed.threatstream.find(shipment(needed.threatstream), LOST, SIGNAL);
    await expect(refused).rejects.toMatchObject({ kind: 'Refused' });
  });

  it('is not asked for where the set way has it', async () => {
    const { threatstream, requests } = showing('bypass', openMarker('mdti-sync:one:0'), page([]));
    await threatstream.find(shipment(threatstream), LOST, SIGNAL);
    expect(requests).toHaveLength(2);
  });
});
