import { describe, expect, it } from 'vitest';
import type { Rendered } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { json, OURS, page, SENT_AT, scripted, shipment } from './scripted-threatstream.ts';
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
      await expect(send(threatstream, sent, SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
      const found = await threatstream.find(sent, { sentAfter: clock.at, endedAt: clock.at }, SIGNAL);
      expect(found).toMatchObject({ kind: 'found', receipt: { sessionId: expect.stringMatching(/^\d+$/) } });
    },
  );
});

describe('a lost request of a time when approval was set to something else', () => {
  const LOST = { sentAfter: new Date(SENT_AT), endedAt: new Date(SENT_AT) };
  /** A service that shows this as what has changed, and answers the list of sessions so. */
  const service = (approval: Approval, changed: readonly unknown[], sessions: HttpReply) =>
    scripted(
      (_, { pathname }) => {
        if (pathname.includes('importsession')) return sessions;
        return pathname.endsWith('/user/') ? OURS : page(changed);
      },
      { approval },
    );
  const COPY = { id: 1, value: 'host0.example.com', owner_organization_id: 67 };
  const SESSION = { id: 7, status: 'done', fileName: 'mdti-sync-one-0.csv' };

  it.each([
    ['a direct write, by what has changed', 'required', [COPY], [], { kind: 'direct' }],
    ['an import, by its file', 'bypass', [], [SESSION], { kind: 'session', sessionId: '7' }],
    [
      'an import, by the tag of an earlier release',
      'required',
      [],
      [{ id: 8, tags: ['mdti-sync:one:0'] }],
      { sessionId: '8' },
    ],
    [
      'an import, by what it brought',
      'required',
      [{ ...COPY, import_session_id: 9 }],
      [],
      { kind: 'session', sessionId: '9' },
    ],
  ] as const)('is found: %s', async (_, approval, changed, sessions, receipt) => {
    const { threatstream } = service(approval, changed, page(sessions));
    const found = await threatstream.find(shipment(threatstream), LOST, SIGNAL);
    expect(found).toMatchObject({ kind: 'found', receipt });
  });

  it.each([403, 404])('does not need a list of sessions, where that is answered %i', async (status) => {
    const { threatstream } = service('bypass', [COPY], json(status, {}));
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({ kind: 'found' });
    const without = service('bypass', [], json(status, {}));
    expect(await without.threatstream.find(shipment(without.threatstream), LOST, SIGNAL)).toMatchObject({
      kind: 'waiting',
    });
    const needed = service('required', [], json(status, {}));
    const refused = needed.threatstream.find(shipment(needed.threatstream), LOST, SIGNAL);
    await expect(refused).rejects.toMatchObject({ kind: 'Refused' });
  });

  it('is not asked for where the set way has it', async () => {
    const { threatstream, requests } = service('bypass', [COPY], page([]));
    await threatstream.find(shipment(threatstream), LOST, SIGNAL);
    expect(requests.filter(({ url }) => url.includes('importsession'))).toEqual([]);
  });

  it('shows whether searches are answered, by one page, when nothing is looked for', async () => {
    const nothing = { name: 'mdti-sync:one:0', items: [] };
    const next = page([COPY], '/api/v2/intelligence/?offset=1');
    const { threatstream, requests } = scripted(
      (_, { pathname }) => (pathname.includes('importsession') ? page([]) : next),
      {
        approval: 'bypass',
      },
    );
    expect(await threatstream.find(nothing, LOST, SIGNAL)).toMatchObject({ kind: 'waiting' });
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
      '/api/v2/intelligence/',
      '/api/v1/importsession/',
    ]);
    const silent = scripted(() => json(503, {}), { approval: 'bypass' });
    await expect(silent.threatstream.find(nothing, LOST, SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it.each([
    ['another organisation’s', { ...COPY, owner_organization_id: 999 }],
    ['a wildcard', { ...COPY, type: 'string' }],
    ['another value', { ...COPY, value: 'other.example.com' }],
  ])('is not found by what is %s', async (_, copy) => {
    const { threatstream } = service('bypass', [copy], page([]));
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({ kind: 'waiting' });
  });

  it.each([
    ['in another confidence', { ...COPY, confidence: 20 }],
    ['with other tags', { ...COPY, tags: [{ name: 'mdti' }] }],
  ])('is not found by what was held before, %s', async (_, copy) => {
    const { threatstream } = service('bypass', [copy], page([]));
    const sent = shipment(threatstream);
    const asHeld = (item: Rendered): Rendered => ({
      ...item,
      held: { remoteId: null, form: item.form, maybes: [], awaits: false },
    });
    const before = { ...sent, items: sent.items.map(asHeld) };
    expect(await threatstream.find(before, LOST, SIGNAL)).toMatchObject({ kind: 'waiting' });
    expect(await threatstream.find(sent, LOST, SIGNAL)).toMatchObject({ kind: 'found' });
  });
});
