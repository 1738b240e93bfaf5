import { describe, expect, it } from 'vitest';
import type { LostTry } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { Fault } from '../../indicators/fault.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';
import {
  APPROVALS,
  type Bench,
  deliverAll,
  only,
  SIGNAL,
  settle,
  shipmentsOf,
  startBench,
} from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

const WAITS = { required: 'awaiting-review', automatic: 'active', bypass: 'active' } as const;

/** The fault that a promise ends in. */
async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Fault)) throw new Error('It did not end in a fault.');
  return outcome;
}

function valuesHeld({ sandbox }: Bench): string[] {
  return sandbox.tips.threatstream
    .holdings()
    .map(({ value }) => value)
    .sort();
}

describe.each(APPROVALS)('with approval %s', (approval) => {
  it('delivers every type, and the same again as duplicates of nothing', async () => {
    const bench = await startBench(approval);
    const { accepted, rejected, notes } = await deliverAll(bench.threatstream, oneOfEach());
    expect(accepted).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(rejected).toEqual([]);
    expect([...notes]).toEqual([approval === 'required' ? 'ready for review' : 'active']);
    const held = bench.sandbox.tips.threatstream.holdings();
    expect(held).toHaveLength(8);
    expect(new Set(held.map(({ status }) => status))).toEqual(new Set([WAITS[approval]]));
    expect(held.map(({ confidence }) => confidence)).toEqual(held.map(() => 80));
    expect(held.find(({ type }) => type === 'ipv6')).toMatchObject({ itype: 'mal_ipv6' });
    expect(held[0]?.tags).toEqual(expect.arrayContaining(['mdti', 'activitygroup:storm-0000']));
    expect(held[0]?.tags).not.toContain('type:ipv4');
    const end = approval === 'bypass' ? '2027-01-11T00:00:00.000Z' : '2027-02-01T00:00:00.000Z';
    expect(new Set(held.map(({ expiration }) => expiration))).toEqual(new Set([end]));
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({
      holds: 8,
      duplicates: 0,
      updates: 0,
      publicShares: 0,
      publicTags: 0,
    });
  });

  it('keeps the key out of addresses and receipts', async () => {
    const bench = await startBench(approval);
    const shipment = only(shipmentsOf(bench.threatstream, domains(3)));
    const receipt = await send(bench.threatstream, shipment, SIGNAL);
    await settle(bench.threatstream, shipment, receipt);
    const { threatstreamApiKey: key, threatstreamUser: user } = bench.sandbox.credentials;
    for (const { url } of bench.requests) {
      expect(url).not.toContain(key);
      expect(decodeURIComponent(url)).not.toContain(user);
    }
    expect(JSON.stringify(receipt)).not.toContain(key);
    expect(JSON.stringify(receipt)).not.toContain('example.com');
  });

  it('finds a shipment whose acknowledgement was lost, and sends nothing twice', async () => {
    const bench = await startBench(approval, {}, { lostAcks: 1, polls: 2 });
    const { threatstream, clock } = bench;
    const shipment = only(shipmentsOf(threatstream, domains(20)));
    const lost = { sentAfter: clock.at, endedAt: clock.at };
    expect(await faultOf(send(threatstream, shipment, SIGNAL))).toMatchObject({ kind: 'Unavailable' });
    // A direct write shows only later: the first question is too early.
    if (approval === 'bypass')
      expect(await threatstream.find(shipment, lost, SIGNAL)).toMatchObject({ kind: 'waiting' });
    const found = await threatstream.find(shipment, lost, SIGNAL);
    if (found.kind !== 'found') throw new Error('It was not found.');
    const { accepted } = await settle(threatstream, shipment, found.receipt);
    expect(accepted).toHaveLength(20);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 20, duplicates: 0 });
  });

  it('says never seen only so long after the try has ended, however long it took', async () => {
    const bench = await startBench(approval, {}, { lostRequests: 1 });
    const { threatstream, clock } = bench;
    const shipment = only(shipmentsOf(threatstream, domains(5)));
    const sentAfter = clock.at;
    const minutes = (count: number): Date => new Date(sentAfter.getTime() + count * 60_000);
    await faultOf(send(threatstream, shipment, SIGNAL));
    const slow = { sentAfter, endedAt: minutes(2) };
    const asked = async (at: Date, lost: LostTry): Promise<unknown> => {
      clock.at = at;
      return threatstream.find(shipment, lost, SIGNAL);
    };
    expect(await asked(minutes(2), slow)).toEqual({ kind: 'waiting', retryAfterMs: 2_000 });
    expect(await asked(minutes(3), slow)).toEqual({ kind: 'waiting', retryAfterMs: 30_000 });
    expect(await asked(minutes(6.9), slow)).toEqual({ kind: 'waiting', retryAfterMs: 6_000 });
    expect(await asked(minutes(7), slow)).toEqual({ kind: 'absent' });
    // Nobody saw the end of it: it may have gone on for as long as a request may take.
    const unseen = { sentAfter, endedAt: null };
    expect(await asked(minutes(6.9), unseen)).toEqual({ kind: 'waiting', retryAfterMs: 6_000 });
    expect(await asked(minutes(7), unseen)).toEqual({ kind: 'absent' });
  });

  it('adopts a request that comes in late, after a gateway has answered for it', async () => {
    const bench = await startBench(approval, {}, { earlyAnswers: 1, lateByRequests: 4, polls: 0 });
    const { threatstream, clock } = bench;
    const shipment = only(shipmentsOf(threatstream, domains(5)));
    const fault = await faultOf(send(threatstream, shipment, SIGNAL));
    expect(fault).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('504') });
    const lost = { sentAfter: clock.at, endedAt: clock.at };
    let found = await threatstream.find(shipment, lost, SIGNAL);
    expect(found.kind).toBe('waiting');
    for (let again = 0; again < 5 && found.kind === 'waiting'; again += 1) {
      found = await threatstream.find(shipment, lost, SIGNAL);
    }
    if (found.kind !== 'found') throw new Error('It was not found.');
    expect((await settle(threatstream, shipment, found.receipt)).accepted).toHaveLength(5);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 5, duplicates: 0 });
  });

  it('tells which ones were dropped without a word, as far as anybody can', async () => {
    const bench = await startBench(approval, { confirmFor: 0 }, { silentDrops: 0.3, polls: 0 });
    const { accepted, rejected, unknown } = await deliverAll(bench.threatstream, domains(50));
    const [lost, none] = approval === 'bypass' ? [unknown, rejected] : [rejected, unknown];
    expect(none).toEqual([]);
    expect(lost.length).toBeGreaterThan(3);
    expect(accepted.length).toBeGreaterThan(20);
    expect(accepted.map((id) => `host${id - 1}.example.com`).sort()).toEqual(valuesHeld(bench));
    expect(lost[0]?.reason).toMatch(
      approval === 'bypass' ? /accepted it with 202 and does not show it/ : /left it out/,
    );
    expect(lost[0]?.reason).not.toContain('example.com');
  });

  it('divides nothing by itself: a request with a value that is declined is Rejected', async () => {
    const bench = await startBench(approval, {}, { poison: ['host3.example.com'] });
    const shipment = only(shipmentsOf(bench.threatstream, domains(5)));
    const many = await faultOf(send(bench.threatstream, shipment, SIGNAL));
    expect(many).toMatchObject({ kind: 'Rejected' });
    const single = { name: 'mdti-sync:one:single', items: shipment.items.slice(3, 4) };
    const one = await faultOf(send(bench.threatstream, single, SIGNAL));
    expect(one).toMatchObject({ kind: 'Rejected' });
    expect(one.message).not.toContain('host3');
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0 });
  });

  it('passes on how long to wait', async () => {
    const bench = await startBench(approval, {}, { everyNth429: 1, retryAfterSeconds: 7 });
    const shipment = only(shipmentsOf(bench.threatstream, domains(5)));
    expect(await faultOf(send(bench.threatstream, shipment, SIGNAL))).toMatchObject({
      kind: 'Throttled',
      retryAfterMs: 7_000,
    });
    expect(bench.throttled).toEqual([7_000]);
    expect(bench.answered()).toBe(0);
  });

  it.each([
    [{ unauthorised: true }, 'Refused'],
    [{ outage: true }, 'Unavailable'],
    [{ everyNthHtml: 1 }, 'Unavailable'],
  ] as const)('turns %j into %s', async (faults, kind) => {
    const bench = await startBench(approval, {}, faults);
    const shipment = only(shipmentsOf(bench.threatstream, domains(1)));
    const fault = await faultOf(send(bench.threatstream, shipment, SIGNAL));
    expect(fault.kind).toBe(kind);
    expect(fault.message).not.toContain(bench.sandbox.credentials.threatstreamApiKey);
  });

  it('withdraws its own copies, and no one else’s', async () => {
    const bench = await startBench(approval, {}, { foreignCopies: 1 });
    await deliverAll(bench.threatstream, oneOfEach());
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    const values = oneOfEach().map(({ id, indicator }) => ({ id, value: indicator.key.value }));
    const outcome = await withdraw(bench.threatstream, [...values, { id: 99, value: 'unheard.example.com' }], SIGNAL);
    expect(outcome).toEqual({ withdrawn: [1, 2, 3, 4, 5, 6, 7, 8], missing: [99], unknown: [] });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0, withdrawn: 8, foreignTouched: 0 });
    const changes = bench.requests.filter(({ method }) => method === 'PATCH').length;
    await withdraw(bench.threatstream, values.slice(0, 1), SIGNAL);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ withdrawn: 8 });
    expect(bench.requests.filter(({ method }) => method === 'PATCH').length).toBe(changes + 1);
  });
});

describe.each(['required', 'automatic'] as const)('an import session (%s)', (approval) => {
  it('rejects single values, and says which', async () => {
    const bench = await startBench(approval, {}, { rejectValues: ['host1.', 'host2.'] });
    const { accepted, rejected } = await deliverAll(bench.threatstream, domains(5));
    expect(accepted).toEqual([1, 4, 5]);
    expect(rejected.map(({ id }) => id)).toEqual([2, 3]);
    expect(rejected[0]?.reason).toMatch(/^ThreatStream rejected it in the import session: /);
    expect(rejected[0]?.reason).not.toContain('host1');
  });

  it('that ends in errors rejects all', async () => {
    const bench = await startBench(approval, {}, { sessionErrors: 1 });
    const { accepted, rejected } = await deliverAll(bench.threatstream, domains(3));
    expect(accepted).toEqual([]);
    expect(rejected.map(({ reason }) => reason)).toEqual(
      Array(3).fill('the import session ended in errors: Failed to import the text'),
    );
  });

  it('that also found hosts in URLs has all that was sent', async () => {
    const bench = await startBench(approval, {}, { urlYieldsHost: true });
    const urls = [1, 2, 3].map((id) => deliverable(id, 'url', `http://host${id}.example.com/a`));
    expect(await deliverAll(bench.threatstream, urls)).toMatchObject({ accepted: [1, 2, 3], rejected: [] });
  });

  it('is one for all that can share it: 1,000 indicators of four kinds', async () => {
    const bench = await startBench(approval);
    const items = domains(1_000).map((item, index) =>
      index % 4 === 0 ? deliverable(item.id, 'ipv4', `198.51.${index >> 8}.${index & 255}`) : item,
    );
    const { accepted } = await deliverAll(bench.threatstream, items);
    expect(accepted).toHaveLength(1_000);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ sessions: 1, holds: 1_000 });
  });
});

describe('a missing permission', () => {
  it.each([
    ['automatic', /Approve Import/],
    ['bypass', /Approve Intel/],
  ] as const)('with %s is named', async (approval, permission) => {
    const bench = await startBench(approval, {}, { noApprovePermission: true });
    const fault = await faultOf(send(bench.threatstream, only(shipmentsOf(bench.threatstream, domains(1))), SIGNAL));
    expect(fault.kind).toBe('Refused');
    expect(fault.message).toMatch(permission);
  });
});

describe('a direct write', () => {
  it('waits for what shows late', async () => {
    const bench = await startBench('bypass', { confirmPoll: 123 }, { polls: 8 });
    const shipment = only(shipmentsOf(bench.threatstream, domains(3)));
    const receipt = await send(bench.threatstream, shipment, SIGNAL);
    const early = await bench.threatstream.confirm(shipment, receipt, SIGNAL);
    expect(early).toEqual({ kind: 'waiting', retryAfterMs: 123 });
    expect((await settle(bench.threatstream, shipment, receipt)).accepted).toEqual([1, 2, 3]);
  });

  it('without allowUnresolved loses names that do not resolve', async () => {
    const bench = await startBench('bypass', { allowUnresolved: false, confirmFor: 0 }, { unresolved: 1, polls: 0 });
    expect((await deliverAll(bench.threatstream, domains(3))).unknown).toHaveLength(3);
  });

  it('keeps URLs as they are', async () => {
    const bench = await startBench('bypass');
    const url = "http://evil.example.com/a,b?c='d'";
    await deliverAll(bench.threatstream, [deliverable(1, 'url', url)]);
    expect(valuesHeld(bench)).toEqual([url]);
  });
});

describe.each(['add', 'replace'] as const)(
  'a direct write, where the tags of an object %s those of meta',
  (objectTags) => {
    it('is confirmed, found again, and withdrawn', async () => {
      const bench = await startBench('bypass', {}, { objectTags, lostAcks: 1, polls: 0 });
      const { threatstream, clock } = bench;
      const shipment = only(shipmentsOf(threatstream, oneOfEach()));
      await faultOf(send(threatstream, shipment, SIGNAL));
      const found = await threatstream.find(shipment, { sentAfter: clock.at, endedAt: clock.at }, SIGNAL);
      if (found.kind !== 'found') throw new Error('It was not found.');
      expect((await settle(threatstream, shipment, found.receipt)).accepted).toHaveLength(8);
      const values = oneOfEach().map(({ id, indicator }) => ({ id, value: indicator.key.value }));
      expect((await withdraw(threatstream, values, SIGNAL)).withdrawn).toHaveLength(8);
      expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({
        holds: 0,
        withdrawn: 8,
        duplicates: 0,
        updates: 0,
      });
    });

    it('shows others nothing of the pipeline or the request, whoever sees its tags', async () => {
      const bench = await startBench('bypass', { visibility: 'public' }, { objectTags, polls: 0 });
      const shipment = only(shipmentsOf(bench.threatstream, domains(2), 'secret-pipeline'));
      await settle(bench.threatstream, shipment, await send(bench.threatstream, shipment, SIGNAL));
      const tags = bench.sandbox.tips.threatstream.holdings().flatMap((holding) => holding.tags);
      expect(tags).toContain('mdti');
      expect(tags.join()).not.toContain('secret-pipeline');
    });
  },
);

describe('visibility', () => {
  it.each(APPROVALS)('is public only when that is set (%s)', async (approval) => {
    const bench = await startBench(approval, { visibility: 'public' });
    await deliverAll(bench.threatstream, domains(2));
    expect(bench.sandbox.tips.threatstream.counts().publicShares).toBe(2);
  });
});
