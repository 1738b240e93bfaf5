import { describe, expect, it } from 'vitest';
import type { Deliverable } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { deliverable, domains } from './threatstream-indicators.ts';
import {
  type Approval,
  type Bench,
  deliverAll,
  only,
  SIGNAL,
  shipmentsOf,
  startBench,
} from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

const URL_OF = (id: number) => deliverable(id, 'url', `http://evil${id}.example.com/a,b?c="d"&e=${id}`);

/** As another import of the same organisation has brought them: nothing of it is known here. */
async function heldAlready(bench: Bench, items: readonly Deliverable[]): Promise<void> {
  await deliverAll(bench.threatstream, items, 'before');
  bench.sandbox.tips.threatstream.review({ decision: 'approve' });
}

const values = (bench: Bench) =>
  bench.sandbox.tips.threatstream.holdings().map(({ id, value, status }) => ({ id, value, status }));

/** Sends and asks until it is settled, a minute passing between two questions. */
async function delivered(bench: Bench, items: readonly Deliverable[]) {
  const shipment = only(shipmentsOf(bench.threatstream, items));
  const receipt = await send(bench.threatstream, shipment, SIGNAL);
  for (let asked = 0; asked < 10; asked += 1) {
    const confirmation = await bench.threatstream.confirm(shipment, receipt, SIGNAL);
    if (confirmation.kind === 'settled') return confirmation;
    bench.clock.at = new Date(bench.clock.at.getTime() + 60_000);
  }
  throw new Error('It was not settled after ten minutes.');
}

const LISTS = ['answer', 'missing'] as const;
const CASES = [
  ...LISTS.map((sessionLists) => ['required', { sessionLists }] as const),
  ...LISTS.map((sessionLists) => ['automatic', { sessionLists }] as const),
  ['bypass', { objectTags: 'add' }],
  ['bypass', { objectTags: 'replace' }],
] as const satisfies readonly (readonly [Approval, object])[];

describe.each(CASES)('what the organisation holds already (%s, %j)', (approval, faults) => {
  it('is discarded there, found by its value, and changed to what was brought', async () => {
    const bench = await startBench(approval, {}, faults);
    await heldAlready(bench, [...domains(3), URL_OF(4)]);
    const before = values(bench);
    const unlike = { confidence: 42, tags: ['b'], threat: 'phishing', tlp: 'amber' } as const;
    const url = deliverable(5, 'url', URL_OF(4).indicator.key.value, unlike);
    const outcome = await delivered(bench, [...domains(4, unlike), url]);
    expect(outcome).toMatchObject({ rejected: [], unknown: [] });
    expect(outcome.accepted.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(values(bench)).toEqual(expect.arrayContaining(before));
    expect(bench.sandbox.tips.threatstream.holdings()).toHaveLength(5);
    const known = bench.sandbox.tips.threatstream.holdings().filter(({ id }) => before.some((one) => one.id === id));
    expect(known).toHaveLength(4);
    for (const { confidence, tags, itype } of known) {
      expect({ confidence, itype }).toEqual({
        confidence: approval === 'bypass' ? 42 : 40,
        itype: expect.stringMatching(/^phish_/),
      });
      expect(tags).toContain('b');
    }
    if (!('sessionLists' in faults) || faults.sessionLists === 'answer') {
      expect(outcome.given?.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    }
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ discarded: 4, holds: 5, publicTags: 0 });
  });

  it('and is as it was brought, costs no change', async () => {
    const bench = await startBench(approval, {}, faults);
    await heldAlready(bench, domains(3));
    const outcome = await delivered(bench, domains(3));
    expect(outcome.accepted.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ updates: 0, holds: 3 });
  });

  it('and was withdrawn, is set active again', async () => {
    const bench = await startBench(approval, {}, faults);
    await heldAlready(bench, domains(1));
    await withdraw(bench.threatstream, [{ id: 1, value: 'host0.example.com' }], SIGNAL);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0 });
    expect(await delivered(bench, domains(1))).toMatchObject({ accepted: [1], rejected: [] });
    expect(bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ status: 'active' }]);
  });
});

describe('what is discarded', () => {
  it('because it waits for a review in another session, waits on', async () => {
    const bench = await startBench('required');
    await deliverAll(bench.threatstream, domains(2), 'before');
    expect(await delivered(bench, domains(2))).toMatchObject({ accepted: [1, 2], rejected: [] });
    expect(bench.sandbox.tips.threatstream.holdings().map(({ status }) => status)).toEqual([
      'awaiting-review',
      'awaiting-review',
    ]);
  });

  it('is another organisation’s copy for none of ours', async () => {
    const bench = await startBench('required', {}, { foreignCopies: 1, rejectValues: ['host1.'] });
    const outcome = await delivered(bench, domains(2));
    expect(outcome).toMatchObject({ accepted: [1], rejected: [{ id: 2 }] });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ foreignTouched: 0 });
  });

  it('is never rejected by its words: they may be any', async () => {
    const bench = await startBench('automatic', {}, { duplicateMessage: 'host0.example.com was not imported.' });
    await heldAlready(bench, domains(1));
    expect(await delivered(bench, domains(1))).toMatchObject({ accepted: [1], rejected: [] });
  });

  it('keeps two values apart that differ in their letters’ case only', async () => {
    const [one, two] = ['http://evil.example.com/A', 'http://evil.example.com/a'].map((value, index) =>
      deliverable(index + 1, 'url', value),
    );
    if (one === undefined || two === undefined) throw new Error('There are two.');
    const bench = await startBench('required', {}, { rejectValues: ['/A'] });
    expect(await delivered(bench, [one, two])).toMatchObject({ accepted: [2], rejected: [{ id: 1 }] });
  });
});

describe('a CSV', () => {
  const odd = [
    deliverable(1, 'url', 'http://evil.example.com/a,b?c="d"', { tags: ['=cmd()', 'a "b"', 'x,y'] }),
    deliverable(2, 'url', "http://evil.example.com/'=1+1", { tags: ['línea\nnueva'] }),
    deliverable(3, 'email', 'evil@example.com', { threat: 'phishing', tlp: 'green' }),
    deliverable(4, 'ipv6', '2001:db8::1', { threat: 'c2', tlp: null }),
  ];

  it('shifts no column, whatever stands in a value or a tag', async () => {
    const bench = await startBench('required');
    const outcome = await delivered(bench, odd);
    expect(outcome.accepted).toEqual([1, 2, 3, 4]);
    const held = new Map(bench.sandbox.tips.threatstream.holdings().map((holding) => [holding.value, holding]));
    expect([...held.keys()].toSorted()).toEqual(odd.map(({ indicator }) => indicator.key.value).toSorted());
    expect(held.get('http://evil.example.com/a,b?c="d"')).toMatchObject({
      itype: 'mal_url',
      tlp: 'amber',
      tags: ['=cmd()', 'a "b"', 'mdti', 'x y'],
    });
    expect(held.get("http://evil.example.com/'=1+1")?.tags).toEqual(['línea nueva', 'mdti']);
    expect(held.get('evil@example.com')).toMatchObject({ itype: 'phish_email', tlp: 'green' });
    expect(held.get('2001:db8::1')).toMatchObject({ itype: 'c2_ipv6', tlp: null });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ sessions: 1, publicTags: 0 });
  });

  it.each([
    ['row', ['mal_domain'], [2]],
    ['file', [], [1, 2]],
  ] as const)('with a row that ThreatStream cannot read costs a %s', async (badCsvRow, _, rejected) => {
    const bench = await startBench('required', { itypes: { url: { c2: 'no_such_itype' } } }, { badCsvRow });
    const items = [...domains(1), deliverable(2, 'url', 'http://evil.example.com/', { threat: 'c2' })];
    const outcome = await delivered(bench, items);
    expect(outcome.rejected.map(({ id }) => id)).toEqual(rejected);
  });

  it('need not be all that an import has found: what it left out of a text is told', async () => {
    const bench = await startBench('required', { import: 'text' }, { urlYieldsHost: true, rejectValues: ['host1.'] });
    const urls = [0, 1].map((at) => deliverable(at + 1, 'url', `http://host${at}.example.com/a`));
    expect(await delivered(bench, urls)).toMatchObject({ accepted: [1], rejected: [{ id: 2 }], unknown: [] });
  });

  it('never has a value with a percent sign, which would be held as a wildcard', async () => {
    const url = deliverable(1, 'url', 'http://evil.example.com/%2e%2e/a?b=%20');
    const bench = await startBench('required');
    expect(await delivered(bench, [url])).toMatchObject({ accepted: [1] });
    expect(bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ value: url.indicator.key.value, type: 'url' }]);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ wildcards: 0 });
    const trusting = await startBench('required', { percentAsText: false }, { percentIsWildcard: false });
    expect(await delivered(trusting, [url])).toMatchObject({ accepted: [1] });
  });

  it.each([
    ['none', 40, '2027-03-01T00:00:00.000Z'],
    [10, 90, '2027-02-01T00:00:00.000Z'],
  ] as const)(
    'of one session claims no more than the least of its indicators (steps: %s)',
    async (confidenceStep, confidence, end) => {
      const bench = await startBench('required', {
        confidenceStep,
        expirationGranularity: confidenceStep === 'none' ? 'none' : 'month',
      });
      await deliverAll(bench.threatstream, [
        deliverable(1, 'domain', 'a.example.com', { confidence: 95 }),
        deliverable(2, 'domain', 'b.example.com', { confidence: 40, validUntil: '2027-03-01T00:00:00.0000000Z' }),
      ]);
      expect(bench.sandbox.tips.threatstream.holdings().find(({ value }) => value === 'a.example.com')).toMatchObject({
        confidence,
        expiration: end,
      });
    },
  );
});

describe.each(CASES.filter(([approval]) => approval !== 'bypass'))(
  'what a session discards (%s, %j)',
  (approval, faults) => {
    it('is changed though it is asked about late', async () => {
      const bench = await startBench(approval, {}, { ...faults, polls: 0 });
      await heldAlready(bench, domains(1));
      const shipment = only(shipmentsOf(bench.threatstream, domains(1, { confidence: 40 })));
      const receipt = await send(bench.threatstream, shipment, SIGNAL);
      bench.clock.at = new Date(bench.clock.at.getTime() + 70 * 60_000);
      expect(await bench.threatstream.confirm(shipment, receipt, SIGNAL)).toMatchObject({ accepted: [1], unknown: [] });
      expect(bench.sandbox.tips.threatstream.holdings()).toMatchObject([{ confidence: 40 }]);
    });
  },
);
