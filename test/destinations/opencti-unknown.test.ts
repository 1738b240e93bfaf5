import { describe, expect, test } from 'vitest';
import type { Patch } from '../sandbox/tip-server.ts';
import { deliver, later, only, SIGNAL, settle, shipmentsOf, startOpenCti } from './opencti-bench.ts';
import { nodesOf } from './opencti-shown.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const item = deliverable(1, 'ipv4', '198.51.100.3');

describe('what was pushed and does not show', () => {
  test.each<[string, Patch]>([
    ['in a draft', { draft: true }],
    ['of a push that was lost', { lostPushes: 1 }],
    ['of a dead letter', { deadLetters: ['198.51.100.3'] }],
    ['on an exclusion list', { excluded: ['198.51.100.3'] }],
    ['with a marking that the user may not see', { unseenMarkings: ['TLP:AMBER'] }],
  ])('%s is waited for, and nobody knows of it in the end', async (_, faults) => {
    const bench = await startOpenCti(faults);
    const shipment = only(shipmentsOf(bench.opencti, [item]));
    const receipt = await bench.opencti.bring(shipment, SIGNAL);
    for (let asked = 0; asked < 3; asked += 1) {
      expect(await bench.opencti.confirm(shipment, receipt, SIGNAL)).toMatchObject({ kind: 'waiting' });
    }
    later(bench, 3_600_000);
    expect(await bench.opencti.confirm(shipment, receipt, SIGNAL)).toMatchObject({
      accepted: [],
      rejected: [],
      unknown: [
        { id: 1, isAbsent: true, reason: expect.stringMatching(/exclusion list.*draft.*lost.*queue.*marking/) },
      ],
      given: [],
    });
  });

  test('keeps none that shows', async () => {
    const bench = await startOpenCti({ excluded: ['host1.example.com'] });
    const shipment = only(shipmentsOf(bench.opencti, domains(3)));
    const settled = await settle(bench, shipment, await bench.opencti.bring(shipment, SIGNAL));
    expect(settled).toMatchObject({ accepted: [1, 3], unknown: [{ id: 2 }] });
  });

  test('is not waited for where nothing is wanted of it any more', async () => {
    const bench = await startOpenCti({ excluded: ['host1.example.com'] });
    const { name, items } = only(shipmentsOf(bench.opencti, domains(2)));
    const receipt = await bench.opencti.bring({ name, items }, SIGNAL);
    const asked = { name, items: items.map((one) => (one.id === 1 ? one : Object.assign(one, { form: {} }))) };
    expect(await bench.opencti.confirm(asked, receipt, SIGNAL)).toMatchObject({ kind: 'waiting' });
    expect(await bench.opencti.confirm(asked, receipt, SIGNAL)).toMatchObject({ accepted: [1], unknown: [{ id: 2 }] });
  });
});

describe('a change that does not show', () => {
  test('where others have given it with a higher confidence says in what', async () => {
    const bench = await startOpenCti();
    const { held } = await deliver(bench, item);
    bench.tip.setFaults({ rivalConfidence: 100, userConfidence: 50 });
    const { settled } = await deliver(bench, {
      ...deliverable(1, 'ipv4', '198.51.100.3', { confidence: 95, description: 'Anew' }),
      held,
    });
    expect(settled).toMatchObject({
      accepted: [],
      unknown: [{ id: 1, isAbsent: true, reason: expect.stringMatching(/\(description, score\).*higher confidence/) }],
      given: [{ id: 1, remoteId: held.remoteId }],
    });
  });

  test.each([
    ['score', { confidence: 95 }],
    ['description', { description: 'Anew' }],
    ['end', { validUntil: '2028-01-01T00:00:00Z' }],
    ['labels', { tags: ['anew'] }],
    ['marking', { tlp: 'red' }],
    ['indicator types', { threat: 'tor' }],
  ] as const)('is seen by its %s', async (what, facts) => {
    const bench = await startOpenCti();
    const { held } = await deliver(bench, item);
    bench.tip.setFaults({ lostPushes: 1 });
    const { settled } = await deliver(bench, { ...deliverable(1, 'ipv4', '198.51.100.3', facts), held });
    expect(settled.unknown).toEqual([
      { id: 1, isAbsent: true, reason: expect.stringContaining(`otherwise than it was sent (${what})`) },
    ]);
  });
});

test('a confidence that the ingester copies to the score is none of ours', async () => {
  const bench = await startOpenCti({ confidenceToScore: true });
  expect((await deliver(bench, item)).settled.accepted).toEqual([1]);
  expect(await nodesOf(bench)).toMatchObject([{ x_opencti_score: 80 }]);
});

test('pushes that overtake each other show all the same', async () => {
  const bench = await startOpenCti({ overtaking: true, ingestAfterRequests: 3 }, { maxObjects: 10 });
  const shipments = shipmentsOf(bench.opencti, domains(30));
  const receipts = [];
  for (const shipment of shipments) receipts.push(await bench.opencti.bring(shipment, SIGNAL));
  for (const [place, shipment] of shipments.entries()) {
    expect((await settle(bench, shipment, receipts[place] ?? {})).accepted).toHaveLength(10);
  }
  expect(bench.tip.tip.counts()).toMatchObject({ holds: 30, duplicates: 0 });
});
