import { describe, expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import { asHeld, changed, domain, held, NONE, TIMES } from './held-observables.ts';
import { deliverable } from './threatstream-indicators.ts';
import { only, SIGNAL, settle, shipmentsOf, startBench } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

describe.each(['required', 'automatic', 'bypass'] as const)('what is held (%s)', (approval) => {
  it('is changed by its id: confidence, expiry, itype and tags, and nothing arrives again', async () => {
    const bench = await startBench(approval, TIMES);
    const known = await held(
      bench,
      [1, 2, 3].map((id) => domain(id)),
    );
    expect([...known.values()].map(({ remoteId }) => remoteId)).toEqual(
      bench.sandbox.tips.threatstream.holdings().map(({ id }) => String(id)),
    );
    const facts = {
      confidence: 95,
      validUntil: '2027-05-05T00:00:00.0000000Z',
      threat: 'phishing',
      tags: ['b'],
    } as const;
    const wanted = [domain(1, facts), domain(2, { tags: ['b'] })].map((item) => asHeld(item, known));
    const outcome = await changed(bench, wanted);
    expect(outcome).toMatchObject({ rejected: [], unknown: [], note: 'changed' });
    expect(outcome.accepted.toSorted((a, b) => a - b)).toEqual([1, 2]);
    const month = approval === 'bypass' ? '2027-05-05T00:00:00.000Z' : '2027-06-01T00:00:00.000Z';
    expect(bench.sandbox.tips.threatstream.holdings().find(({ value }) => value === 'host1.example.com')).toMatchObject(
      {
        confidence: approval === 'bypass' ? 95 : 90,
        itype: 'phish_domain',
        expiration: month,
        tags: expect.arrayContaining(['mdti', 'b']),
        status: 'active',
      },
    );
    for (const holding of bench.sandbox.tips.threatstream.holdings()) {
      expect(holding.tags.includes('activitygroup:storm-0000')).toBe(holding.value === 'host3.example.com');
      expect(holding.tags.includes('b')).toBe(holding.value !== 'host3.example.com');
    }
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({
      holds: 3,
      duplicates: 0,
      discarded: 0,
      publicTags: 0,
    });
    // One for each whose fields change, one for the tags of all that change alike.
    expect(outcome.requests.filter((request) => !request.startsWith('GET'))).toEqual([
      expect.stringMatching(/^PATCH .*intelligence\/\d+\/$/),
      'POST /api/v2/intelligence/bulk_tagging/',
    ]);
  });
});

describe('a change', () => {
  it.each(['bulk_tagging', 'bulk_remove_tags'] as const)(
    'takes tags off by %s, where that is the way',
    async (untagBy) => {
      const bench = await startBench('automatic', { ...TIMES, untagBy }, { untagBy });
      const known = await held(bench, [domain(1)]);
      const outcome = await changed(bench, [{ ...domain(1, { tags: [] }), held: known.get(1) ?? NONE }]);
      expect(outcome).toMatchObject({ accepted: [1] });
      expect(bench.sandbox.tips.threatstream.holdings()[0]?.tags).toEqual(['mdti']);
    },
  );

  it('of nothing but the case of a tag asks for nothing, and takes no tag off that is wanted in another case', async () => {
    const bench = await startBench('automatic', { confirmFor: 0 });
    const known = await held(bench, [
      domain(1, { tags: ['Foo', 'MDTI'] }),
      domain(2, { tags: ['a'] }),
      domain(3, { tags: ['bar'] }),
    ]);
    const wanted = [domain(1, { tags: ['foo'] }), domain(2, { tags: ['b'] }), domain(3, { tags: ['Bar'] })];
    const outcome = await changed(
      bench,
      wanted.map((item) => asHeld(item, known)),
    );
    expect(outcome).toMatchObject({ rejected: [], unknown: [] });
    expect(bench.sandbox.tips.threatstream.holdings().map(({ tags }) => tags.toSorted())).toEqual([
      ['Foo', 'MDTI', 'mdti'],
      ['bar', 'mdti'],
      ['b', 'mdti'],
    ]);
  });

  it('that takes tags off in a way that there is not is never taken for done', async () => {
    const bench = await startBench('automatic', { confirmFor: 0 }, { untagBy: 'bulk_remove_tags' });
    const known = await held(bench, [domain(1)]);
    const outcome = await changed(bench, [{ ...domain(1, { tags: [] }), held: known.get(1) ?? NONE }]);
    expect(outcome).toMatchObject({
      accepted: [],
      unknown: [{ id: 1, reason: expect.stringContaining('does not show it so') }],
    });
  });

  it.each([true, false])('takes off a marking that is no longer said, where that can be (%s)', async (canBe) => {
    const bench = await startBench('automatic', TIMES);
    const known = await held(bench, [domain(1)]);
    bench.answers.to = ({ body }) =>
      !canBe && body === '{"tlp":null}' ? { status: 400, headers: {}, text: '{}' } : null;
    expect(await changed(bench, [asHeld(domain(1, { tlp: null }), known)])).toMatchObject({ accepted: [1] });
    expect(bench.sandbox.tips.threatstream.holdings()[0]?.tlp).toBe(canBe ? null : 'amber');
  });

  it.each(['required', 'bypass'] as const)(
    'that something else has answered in the stead of ThreatStream is asked for again (%s)',
    async (approval) => {
      const bench = await startBench(approval, TIMES);
      const known = await held(bench, [domain(1), domain(2)]);
      bench.answers.takeMs = 2_000;
      let left = 2;
      bench.answers.to = ({ method }) => {
        if (method === 'GET' || left === 0) return null;
        left -= 1;
        return { status: 200, headers: {}, text: '<html>Sign in</html>' };
      };
      const items = [domain(1, { confidence: 30 }), domain(2, { tags: ['b'] })];
      const outcome = await changed(
        bench,
        items.map((item) => asHeld(item, known)),
      );
      expect(left).toBe(0);
      expect(outcome).toMatchObject({ rejected: [], unknown: [] });
      const [first, second] = bench.sandbox.tips.threatstream.holdings();
      expect(first).toMatchObject({ confidence: 30 });
      expect(second?.tags).toContain('b');
    },
  );

  it('leaves what somebody else has tagged', async () => {
    const bench = await startBench('automatic', TIMES);
    const known = await held(bench, [domain(1)]);
    const own = {
      remoteId: known.get(1)?.remoteId ?? '',
      form: { ...known.get(1)?.form, tags: ['mdti'] },
      maybes: [],
      awaits: false,
    };
    await changed(bench, [{ ...domain(1, { tags: [] }), held: own }]);
    expect(bench.sandbox.tips.threatstream.holdings()[0]?.tags).toEqual(['activitygroup:storm-0000', 'mdti']);
  });

  it('makes what was withdrawn active again, and as it is to be', async () => {
    const bench = await startBench('required', TIMES);
    const known = await held(bench, [domain(1)]);
    const remoteId = known.get(1)?.remoteId ?? '';
    await withdraw(bench.threatstream, [{ id: 1, value: 'host1.example.com', remoteId }], SIGNAL);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
    const back = { ...domain(1, { validUntil: '2027-07-05T00:00:00.0000000Z' }), held: { ...NONE, remoteId } };
    expect(await changed(bench, [back])).toMatchObject({ accepted: [1] });
    expect(bench.sandbox.tips.threatstream.holdings()[0]).toMatchObject({
      status: 'active',
      expiration: '2027-08-01T00:00:00.000Z',
    });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  it('of what waits for a review leaves it waiting', async () => {
    const bench = await startBench('required', TIMES, { expiryNeedsActive: false });
    const shipment = only(shipmentsOf(bench.threatstream, [domain(1)]));
    const { given = [] } = await settle(bench.threatstream, shipment, await send(bench.threatstream, shipment, SIGNAL));
    const own = {
      remoteId: given[0]?.remoteId ?? null,
      form: shipment.items[0]?.form ?? null,
      maybes: [],
      awaits: false,
    };
    expect(await changed(bench, [{ ...domain(1, { confidence: 30 }), held: own }])).toMatchObject({ accepted: [1] });
    expect(bench.sandbox.tips.threatstream.holdings()[0]).toMatchObject({ status: 'awaiting-review', confidence: 30 });
  });

  it.each([true, 'ignored'] as const)(
    'of the end of what waits for a review is asked for again once that is over (only of what is active: %s)',
    async (expiryNeedsActive) => {
      const bench = await startBench('required', TIMES, { expiryNeedsActive });
      const brought = only(shipmentsOf(bench.threatstream, [domain(1)]));
      const { given = [] } = await settle(bench.threatstream, brought, await send(bench.threatstream, brought, SIGNAL));
      const own = {
        remoteId: given[0]?.remoteId ?? null,
        form: brought.items[0]?.form ?? null,
        maybes: [],
        awaits: false,
      };
      const later = { ...domain(1, { validUntil: '2027-07-05T00:00:00.0000000Z' }), held: own };
      const shipment = only(shipmentsOf(bench.threatstream, [later], 'change'));
      const receipt = await send(bench.threatstream, shipment, SIGNAL);
      const early = { rejected: [], accepted: [], unknown: [{ id: 1, isAbsent: true }] };
      const outcome = await settle(bench.threatstream, shipment, receipt);
      expect(outcome).toMatchObject(early);
      expect(outcome.unknown[0]?.reason).toContain('waits for a review');

      bench.sandbox.tips.threatstream.review({ decision: 'approve' });
      const maybes = shipment.items.map(({ form }) => form);
      expect(await changed(bench, [{ ...later, held: { ...own, maybes } }])).toMatchObject({ accepted: [1] });
      expect(bench.sandbox.tips.threatstream.holdings()[0]).toMatchObject({
        status: 'active',
        expiration: '2027-08-01T00:00:00.000Z',
      });
    },
  );

  it('finds what has another id since its approval', async () => {
    const bench = await startBench('required', TIMES, { idsChangeOnApproval: true });
    const known = await held(bench, [domain(1)]);
    const outcome = await changed(bench, [{ ...domain(1, { confidence: 30 }), held: known.get(1) ?? NONE }]);
    expect(outcome).toMatchObject({ accepted: [1], rejected: [] });
    expect(outcome.given).toEqual([{ id: 1, remoteId: String(bench.sandbox.tips.threatstream.holdings()[0]?.id) }]);
  });

  it('of what is gone is rejected; of what was withdrawn before, its id is forgotten', async () => {
    const bench = await startBench('required', TIMES);
    const known = await held(bench, [domain(1)]);
    const gone = { ...(known.get(1) ?? NONE), remoteId: '7' };
    const outcome = await changed(bench, [
      { ...deliverable(2, 'domain', 'gone.example.com', { confidence: 30 }), held: gone },
      { ...deliverable(3, 'domain', 'away.example.com'), held: { ...NONE, remoteId: '8' } },
    ]);
    expect(outcome).toMatchObject({
      accepted: [],
      rejected: [{ id: 2, reason: expect.stringContaining('by an analyst') }],
      unknown: [{ id: 3, isAbsent: true }],
      given: [{ id: 3, remoteId: null }],
    });
  });

  it('is asked for again at once, when its answer was lost: nothing of it arrives twice', async () => {
    const bench = await startBench('required', TIMES);
    const known = await held(bench, [domain(1)]);
    const [shipment] = shipmentsOf(bench.threatstream, [{ ...domain(1, { tags: ['b'] }), held: known.get(1) ?? NONE }]);
    if (shipment === undefined) throw new Error('Nothing was planned.');
    const lost = { sentAfter: bench.clock.at, endedAt: null };
    expect(await bench.threatstream.find(shipment, lost, SIGNAL)).toEqual({ kind: 'absent' });
    await send(bench.threatstream, shipment, SIGNAL);
    const { accepted } = await settle(bench.threatstream, shipment, await send(bench.threatstream, shipment, SIGNAL));
    expect(accepted).toEqual([1]);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ updates: 1, duplicates: 0 });
  });
});
