import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { send } from '../../destinations/send.ts';
import { openCtiIndicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import {
  asWithdrawn,
  deliver,
  later,
  only,
  pushesOf,
  SIGNAL,
  settle,
  shipmentsOf,
  startOpenCti,
  withdraw,
} from './opencti-bench.ts';
import { DECAYS, nodesOf } from './opencti-shown.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

const SCORED = {
  kind: 'scored',
  score: 87,
  classification: 'malicious',
  rules: [{ name: 'Seen', description: 'In an article', severity: 'high', relatedDetailsUrl: null }],
} as const;

const item = deliverable(1, 'ipv4', '198.51.100.3', { tlp: 'green', tags: ['of-before'] });

describe('what is brought', () => {
  test('is confirmed once it shows, with the id that OpenCTI has for it', async () => {
    const bench = await startOpenCti();
    const shipment = only(shipmentsOf(bench.opencti, oneOfEach()));
    const settled = await settle(bench, shipment, await send(bench.opencti, shipment, SIGNAL));
    expect(settled).toMatchObject({ accepted: [1, 2, 3, 4, 5, 6, 7, 8], rejected: [], unknown: [], note: 'taken in' });
    expect(settled.given).toEqual(
      oneOfEach().map(({ id, indicator }) => ({ id, remoteId: openCtiIndicatorId(stixPattern(indicator.key)) })),
    );
    expect(bench.tip.tip.counts()).toMatchObject({ holds: 8, duplicates: 0 });
  });

  test('has its score, its observable, its marking, its author, and how sure nobody says', async () => {
    const bench = await startOpenCti();
    const amberStrict = deliverable(1, 'domain', 'evil.example.com', { tlp: 'amber+strict', verdict: SCORED });
    await deliver(bench, amberStrict);
    await deliver(bench, deliverable(2, 'md5', 'd41d8cd98f00b204e9800998ecf8427e', { confidence: null }));
    expect(await nodesOf(bench)).toMatchObject([
      {
        name: 'evil.example.com',
        x_opencti_score: 87,
        x_opencti_main_observable_type: 'Domain-Name',
        confidence: 100,
        objectMarking: [{ definition: 'TLP:AMBER+STRICT' }],
        createdBy: { name: 'Microsoft Defender Threat Intelligence' },
        valid_until: '2027-01-10T08:30:00.000Z',
        description: expect.stringContaining('score 87 of 100'),
      },
      { x_opencti_score: 50, x_opencti_main_observable_type: 'StixFile' },
    ]);
    expect(pushesOf(bench).flat()[0]).not.toHaveProperty('confidence');
  });

  test('has the labels of the settings beside its own, and never a score of 0, which is that of a withdrawal', async () => {
    const bench = await startOpenCti({}, { extraLabels: ['soc'], author: 'A feed of ours' });
    await deliver(bench, deliverable(1, 'ipv4', '198.51.100.3', { confidence: 0, tags: ['own'] }));
    expect(await nodesOf(bench)).toMatchObject([
      { x_opencti_score: 1, objectLabel: [{ value: 'own' }, { value: 'soc' }], createdBy: { name: 'A feed of ours' } },
    ]);
  });

  test.each([
    ['url', "http://evil.example.com/a,b?c='d'&e=%2F\\f"],
    ['url', `http://evil.example.com/${'é'.repeat(8_000)}`],
    ['domain', 'münchen.example'],
    ['email', 'o\'hara+"x"@example.com'],
  ] as const)('may be any odd %s', async (type, value) => {
    const bench = await startOpenCti();
    const { settled } = await deliver(bench, deliverable(1, type, value, { tags: ['"a", b', '日本'] }));
    expect(settled.accepted).toEqual([1]);
    expect(bench.tip.tip.items()).toMatchObject([{ value, state: 'held' }]);
  });

  test('is asked about again until all of it shows, and on whichever pages', async () => {
    const bench = await startOpenCti({ objectsPerRequest: 40, largestPage: 7 });
    const shipment = only(shipmentsOf(bench.opencti, domains(120)));
    const receipt = await send(bench.opencti, shipment, SIGNAL);
    expect(await bench.opencti.confirm(shipment, receipt, SIGNAL)).toEqual({ kind: 'waiting', retryAfterMs: 10_000 });
    expect((await settle(bench, shipment, receipt)).accepted).toHaveLength(120);
  });

  test('goes in pushes of so many indicators and bytes', async () => {
    const bench = await startOpenCti({}, { maxObjects: 50 });
    expect(shipmentsOf(bench.opencti, domains(120)).map(({ items }) => items.length)).toEqual([50, 50, 20]);
    const small = bench.another({ maxObjects: 1_000, maxBody: 65_536 });
    const shipments = shipmentsOf(small, domains(300));
    for (const shipment of shipments) await send(small, shipment, SIGNAL);
    expect(shipments.length).toBeGreaterThan(2);
    for (const { body } of bench.requests) expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(65_536);
  });

  test('is told from what is held, and each is planned alike in whichever order', async () => {
    const bench = await startOpenCti();
    const { held } = await deliver(bench, item);
    const items = [{ ...item, held }, ...domains(4).slice(1)];
    const plans = [items, items.toReversed()].map((some) =>
      shipmentsOf(bench.opencti, some).map((shipment) => shipment.items.map(({ id }) => id)),
    );
    expect(plans[0]).toEqual([[2, 3, 4], [1]]);
    expect(plans[1]).toEqual(plans[0]);
  });

  test('holds no secret but in the header that is for it', async () => {
    const bench = await startOpenCti();
    const shipment = only(shipmentsOf(bench.opencti, [item]));
    const receipt = await send(bench.opencti, shipment, SIGNAL);
    const { authorization } = z.object({ authorization: z.string() }).parse(bench.requests[0]?.headers);
    const token = authorization.replace('Bearer ', '');
    for (const { url, body } of bench.requests) expect(`${url}${body}`).not.toContain(token);
    expect(JSON.stringify([shipment, receipt, bench.opencti.describe])).not.toContain(token);
    expect(JSON.stringify(receipt)).not.toContain('198.51.100.3');
  });
});

describe.each(DECAYS)('under $name', ({ faults }) => {
  test.each(['add', 'replace'])('a change arrives, where labels and markings %s', async (labelsAndMarkings) => {
    const bench = await startOpenCti({ ...faults, labelsAndMarkings });
    const { held } = await deliver(bench, item);
    const facts = { tlp: 'amber', tags: ['of-now'], confidence: 60, description: 'Said anew' } as const;
    const { settled } = await deliver(bench, { ...deliverable(1, 'ipv4', '198.51.100.3', facts), held });
    expect(settled.accepted).toEqual([1]);
    const kept = labelsAndMarkings === 'add' ? [{ value: 'of-before' }] : [];
    expect(await nodesOf(bench)).toMatchObject([
      {
        x_opencti_score: 60,
        description: 'Said anew',
        objectLabel: [...kept, { value: 'of-now' }],
        objectMarking: [{ definition: 'TLP:AMBER' }],
      },
    ]);
  });

  test('a marking that falls stays, and is no reason to wait', async () => {
    const bench = await startOpenCti(faults);
    const { held } = await deliver(bench, item);
    const fallen = { ...deliverable(1, 'ipv4', '198.51.100.3', { tlp: 'clear', description: 'Freed' }), held };
    expect((await deliver(bench, fallen)).settled.accepted).toEqual([1]);
    expect(await nodesOf(bench)).toMatchObject([{ objectMarking: [{ definition: 'TLP:GREEN' }] }]);
  });

  test('a change that keeps the score arrives with all that is ours', async () => {
    const bench = await startOpenCti(faults);
    const { held } = await deliver(bench, item);
    const { settled } = await deliver(bench, {
      ...deliverable(1, 'ipv4', '198.51.100.3', { tlp: 'green', validUntil: '2028-01-01T00:00:00Z', tags: ['more'] }),
      held,
    });
    expect(settled.accepted).toEqual([1]);
    expect(await nodesOf(bench)).toMatchObject([{ x_opencti_score: 80 }]);
  });

  test('a score that returns to what it was arrives, one beside it where it has to', async () => {
    const bench = await startOpenCti(faults);
    const first = await deliver(bench, item);
    const second = await deliver(bench, {
      ...deliverable(1, 'ipv4', '198.51.100.3', { confidence: 90 }),
      held: first.held,
    });
    const third = await deliver(bench, { ...item, held: second.held });
    expect(third.settled.accepted).toEqual([1]);
    expect(await nodesOf(bench)).toMatchObject([{ x_opencti_score: 79 }]);
  });

  test('what was withdrawn comes back, again and again', async () => {
    const bench = await startOpenCti(faults);
    let { held } = await deliver(bench, item);
    const scores: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      later(bench, 60_000);
      const withdrawn = await withdraw(bench, [{ id: 1, key: item.indicator.key, held }]);
      expect(withdrawn).toEqual({ withdrawn: [1], missing: [], unknown: [] });
      expect(bench.tip.tip.items()).toMatchObject([{ state: 'gone' }]);
      const back = await deliver(bench, { ...item, held: asWithdrawn(held) });
      expect(back.settled.accepted).toEqual([1]);
      expect(bench.tip.tip.items()).toMatchObject([{ state: 'held' }]);
      scores.push(...(await nodesOf(bench)).map((node) => node['x_opencti_score']));
      held = back.held;
    }
    expect(scores).toEqual([79, 81, 78]);
    expect(bench.tip.tip.counts()).toMatchObject({ duplicates: 0 });
  });
});
