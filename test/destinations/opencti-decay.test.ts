import { describe, expect, test } from 'vitest';
import {
  asWithdrawn,
  deliver,
  later,
  only,
  pushesOf,
  SIGNAL,
  shipmentsOf,
  startOpenCti,
  withdraw,
} from './opencti-bench.ts';
import { DECAYS, nodesOf } from './opencti-shown.ts';
import { deliverable } from './threatstream-indicators.ts';

const DAY = 86_400_000;
const RULE = DECAYS[1].faults;
/** So long ago that the rule has come to its end. */
const OLD = deliverable(1, 'ipv4', '198.51.100.3', { validFrom: '2026-01-01T00:00:00.0000000Z' });
const item = deliverable(1, 'ipv4', '198.51.100.3');
const { key } = item.indicator;

describe('what began long ago', () => {
  test('begins on the day of its delivery, and holds', async () => {
    const bench = await startOpenCti(RULE);
    expect((await deliver(bench, OLD)).settled).toMatchObject({ accepted: [1], note: 'taken in' });
    expect(await nodesOf(bench)).toMatchObject([{ valid_from: '2026-11-24T00:00:00.000Z', revoked: false }]);
    expect(bench.tip.tip.items()).toMatchObject([{ state: 'held' }]);
  });

  test('has ended when it arrives where it is to begin as the source says: confirmed as OpenCTI decides, and said', async () => {
    const bench = await startOpenCti(RULE, { validFrom: 'source' });
    expect((await deliver(bench, OLD)).settled).toMatchObject({
      accepted: [1],
      unknown: [],
      note: 'taken in; of 1 a decay rule of OpenCTI has come to its end already',
    });
    expect(bench.tip.tip.items()).toMatchObject([{ state: 'gone' }]);
  });

  test('begins as the source says where that is later, and ends after it has begun', async () => {
    const bench = await startOpenCti();
    await deliver(bench, deliverable(1, 'ipv4', '198.51.100.1', { validFrom: '2026-12-01T00:00:00.0000000Z' }));
    const short = { validFrom: '2026-11-01T00:00:00.0000000Z', validUntil: '2026-11-23T00:00:00.0000000Z' };
    const { settled } = await deliver(bench, deliverable(2, 'ipv4', '198.51.100.2', short));
    expect(settled.accepted).toEqual([2]);
    expect(await nodesOf(bench)).toMatchObject([
      { valid_from: '2026-12-01T00:00:00.000Z' },
      { valid_from: '2026-11-24T00:00:00.000Z', valid_until: '2026-11-24T00:00:00.001Z', revoked: true },
    ]);
  });

  test('is sent alike all day', async () => {
    const bench = await startOpenCti({ lostPushes: 1 });
    const shipment = only(shipmentsOf(bench.opencti, [OLD]));
    await bench.opencti.bring(shipment, SIGNAL);
    later(bench, DAY / 2);
    await bench.opencti.bring(shipment, SIGNAL);
    const [first, second] = pushesOf(bench);
    expect(second).toEqual(first);
  });
});

test('what decays is not sent again for that, and a change of the rest of it is taken in', async () => {
  const bench = await startOpenCti(RULE);
  const { held } = await deliver(bench, item);
  later(bench, 25 * DAY);
  const again = bench.opencti.render({ ...item, held });
  expect(again.hash).toBe(bench.opencti.render(item).hash);
  const changed = { ...deliverable(1, 'ipv4', '198.51.100.3', { tags: ['anew'] }), held };
  expect((await deliver(bench, changed)).settled.accepted).toEqual([1]);
  expect(await nodesOf(bench)).toMatchObject([{ x_opencti_score: 30, decay_base_score: 80 }]);
});

test('what has come to its end at the source goes on under a decay rule, and is withdrawn then', async () => {
  const bench = await startOpenCti(RULE);
  const { held } = await deliver(bench, deliverable(1, 'ipv4', '198.51.100.3', { validUntil: '2026-11-26T00:00:00Z' }));
  later(bench, 3 * DAY);
  expect(bench.tip.tip.items()).toMatchObject([{ state: 'held' }]);
  expect(bench.opencti.exactEnd).toBe(true);
  expect(await withdraw(bench, [{ id: 1, key, held }])).toMatchObject({ withdrawn: [1] });
  expect(bench.tip.tip.items()).toMatchObject([{ state: 'gone' }]);
  expect(bench.another({ decayRules: false }).exactEnd).toBe(false);
});

test('without decayRules scores are just the source’s: right without a rule, and under one not believed', async () => {
  const plain = await startOpenCti({}, { decayRules: false });
  const { held } = await deliver(plain, item);
  await withdraw(plain, [{ id: 1, key, held }]);
  expect((await deliver(plain, { ...item, held: asWithdrawn(held) })).settled.accepted).toEqual([1]);
  expect(await nodesOf(plain)).toMatchObject([{ x_opencti_score: 80 }]);

  const decaying = await startOpenCti(RULE, { decayRules: false });
  const known = await deliver(decaying, item);
  await withdraw(decaying, [{ id: 1, key, held: known.held }]);
  const { settled } = await deliver(decaying, { ...item, held: asWithdrawn(known.held) });
  expect(settled).toMatchObject({ accepted: [], unknown: [{ id: 1, reason: expect.stringContaining('score') }] });
});
