import { describe, expect, test } from 'vitest';
import type { Held, Withdrawable } from '../../destinations/destination.ts';
import { faultFrom } from '../http/fault-from.ts';
import { push } from '../sandbox/opencti-caller.ts';
import {
  asWithdrawn,
  deliver,
  isPush,
  later,
  type OpenCtiBench,
  only,
  pushesOf,
  SIGNAL,
  settle,
  shipmentsOf,
  startOpenCti,
  withdraw,
} from './opencti-bench.ts';
import { DECAYS, nodesOf } from './opencti-shown.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const item = deliverable(1, 'ipv4', '198.51.100.3');
const { key } = item.indicator;

/** Delivered, and to be withdrawn. */
async function held(bench: OpenCtiBench): Promise<Withdrawable> {
  return { id: 1, key, held: (await deliver(bench, item)).held };
}

const TAKEN_BY_NOBODY: Held = { remoteId: null, form: null, maybes: [], awaits: false };

describe.each(DECAYS)('under $name', ({ faults }) => {
  test('many are ended at once, and stay ended when they are asked for again', async () => {
    const bench = await startOpenCti(faults, { maxObjects: 1_000 });
    const shipment = only(shipmentsOf(bench.opencti, domains(90)));
    const receipt = await bench.opencti.bring(shipment, SIGNAL);
    await settle(bench, shipment, receipt);
    const items = shipment.items.map(({ id, key: of, form }) => ({
      id,
      key: of,
      held: { ...TAKEN_BY_NOBODY, form },
    }));
    const all = items.map(({ id }) => id);
    expect(await withdraw(bench, items)).toEqual({ withdrawn: all, missing: [], unknown: [] });
    expect(bench.tip.tip.counts()).toMatchObject({ holds: 0, withdrawn: 90, duplicates: 0 });
    const before = pushesOf(bench).length;
    expect(await withdraw(bench, items)).toMatchObject({ withdrawn: all });
    expect(pushesOf(bench)).toHaveLength(before);
    expect(before).toBe(2);
  });

  test.each(['add', 'replace'])('all else stays as it is there, where labels and markings %s', async (way) => {
    const bench = await startOpenCti({ ...faults, labelsAndMarkings: way });
    const withdrawable = await held(bench);
    const [before] = await nodesOf(bench);
    await withdraw(bench, [withdrawable]);
    const [after] = await nodesOf(bench);
    expect(after).toMatchObject({ x_opencti_score: 0, revoked: true });
    for (const name of ['name', 'description', 'objectLabel', 'objectMarking', 'createdBy']) {
      expect(after?.[name], name).toEqual(before?.[name]);
    }
  });

  test('what begins only later is ended now', async () => {
    const bench = await startOpenCti(faults);
    const future = deliverable(1, 'ipv4', '198.51.100.3', { validFrom: '2026-12-24T00:00:00.0000000Z' });
    const { held: known } = await deliver(bench, future);
    expect(await withdraw(bench, [{ id: 1, key, held: known }])).toMatchObject({ withdrawn: [1] });
    expect(bench.tip.tip.items()).toMatchObject([{ state: 'gone' }]);
  });

  test('it is asked for once while it waits in the queue, and given up in the end', async () => {
    const bench = await startOpenCti(faults);
    const withdrawable = await held(bench);
    bench.tip.setFaults({ lostPushes: 1 });
    for (let asked = 0; asked < 3; asked += 1) {
      const fault = await faultFrom(bench.opencti.withdraw([withdrawable], SIGNAL));
      expect(fault).toMatchObject({ kind: 'Throttled', isOurs: true, retryAfterMs: 10_000 });
    }
    expect(pushesOf(bench)).toHaveLength(2);
    later(bench, 3_600_000);
    const { unknown, withdrawn } = await bench.opencti.withdraw([withdrawable], SIGNAL);
    expect(withdrawn).toEqual([]);
    expect(unknown).toEqual([{ id: 1, reason: expect.stringContaining('still shows it as current') }]);
    // Whoever asks then begins anew.
    bench.tip.setFaults({ lostPushes: 0 });
    expect(await withdraw(bench, [withdrawable])).toMatchObject({ withdrawn: [1] });
  });
});

test('what is held with a higher confidence by another source is not known to be ended', async () => {
  const bench = await startOpenCti();
  const withdrawable = await held(bench);
  bench.tip.setFaults({ userConfidence: 50 });
  const { unknown } = await withdraw(bench, [withdrawable]);
  expect(unknown).toEqual([{ id: 1, reason: expect.stringContaining('higher confidence') }]);
});

test('a lower score does not keep its withdrawal from arriving', async () => {
  const bench = await startOpenCti();
  const { held: first } = await deliver(bench, deliverable(1, 'ipv4', '198.51.100.3', { confidence: 95 }));
  const { held: second } = await deliver(bench, {
    ...deliverable(1, 'ipv4', '198.51.100.3', { confidence: 15 }),
    held: first,
  });
  expect(await nodesOf(bench)).toMatchObject([{ x_opencti_score: 15 }]);
  expect(await withdraw(bench, [{ id: 1, key, held: second }])).toMatchObject({ withdrawn: [1] });
});

test('what another has written is left as it is, and said; under another name of ours it is still ours', async () => {
  const bench = await startOpenCti();
  await push(
    bench.tip,
    { type: 'identity', id: 'identity--1', name: 'Somebody else', identity_class: 'organization' },
    { ...only(shipmentsOf(bench.opencti, [item])).items[0]?.content, created_by_ref: 'identity--1' },
  );
  const { held: known } = await deliver(bench, {
    ...item,
    indicator: { ...item.indicator, facts: { ...item.indicator.facts, confidence: 81 } },
  });
  const { unknown } = await withdraw(bench, [{ id: 1, key, held: known }]);
  expect(unknown).toEqual([{ id: 1, reason: expect.stringContaining('another author') }]);
  expect(bench.tip.tip.items()).toMatchObject([{ state: 'held' }]);

  const other = deliverable(2, 'ipv4', '198.51.100.4');
  const renamed = bench.another({ author: 'Another name' });
  const { held: old } = await deliver(bench, other);
  expect(
    await withdraw({ ...bench, opencti: renamed }, [{ id: 2, key: other.indicator.key, held: old }]),
  ).toMatchObject({
    withdrawn: [2],
  });
});

test('what shows without an author is ours where it is as we have sent it, and another’s where that was never taken in', async () => {
  const bench = await startOpenCti();
  const { created_by_ref: _, ...authorless } = only(shipmentsOf(bench.opencti, [item])).items[0]?.content ?? {};
  await push(bench.tip, authorless);
  bench.tip.setFaults({ lostPushes: 1 });
  const changed = deliverable(1, 'ipv4', key.value, { confidence: 81 });
  const { settled, held: lost } = await deliver(bench, changed);
  expect(settled).toMatchObject({ accepted: [], unknown: [{ id: 1 }] });
  bench.tip.setFaults({ lostPushes: 0 });
  const never = { ...lost, form: null, maybes: lost.form === null ? [] : [lost.form] };
  expect(await withdraw(bench, [{ id: 1, key, held: never }])).toMatchObject({
    unknown: [{ id: 1, reason: expect.stringContaining('no author') }],
  });
  expect(bench.tip.tip.items()).toMatchObject([{ state: 'held' }]);
  // Once it was seen there, it is.
  expect(await withdraw(bench, [{ id: 1, key, held: { ...never, form: lost.form, maybes: [] } }])).toMatchObject({
    withdrawn: [1],
  });
});

test('what is not there is missing, and so is what was deleted; of what may still arrive nobody knows', async () => {
  const bench = await startOpenCti();
  expect(await withdraw(bench, [{ id: 1, key, held: null }])).toMatchObject({ missing: [1] });
  const sentAt = bench.clock.at.toISOString();
  const unsure = { id: 1, key, held: TAKEN_BY_NOBODY, unsure: { sentAt, work: 'work_1' } };
  expect(await withdraw(bench, [unsure])).toMatchObject({ unknown: [{ id: 1 }] });
  later(bench, 3_600_000);
  expect(await withdraw(bench, [unsure])).toMatchObject({ missing: [1] });
  expect(bench.requests.filter(isPush)).toHaveLength(0);
});

test('as many are withdrawn in one push as maxObjects says', async () => {
  const bench = await startOpenCti({}, { maxObjects: 10 });
  expect(bench.opencti).toMatchObject({ fullLoad: 10, withdrawLoad: 10 });
  expect(bench.another({ maxObjects: 200 }).withdrawLoad).toBe(100);
});

test('what has ended by itself is let be', async () => {
  const bench = await startOpenCti();
  const withdrawable = await held(bench);
  later(bench, 60 * 86_400_000);
  expect(await withdraw(bench, [withdrawable])).toMatchObject({ withdrawn: [1] });
  expect(pushesOf(bench)).toHaveLength(1);
});

test('nothing is known of what it was, and it is ended and comes back all the same', async () => {
  const bench = await startOpenCti(DECAYS[0].faults);
  await held(bench);
  expect(await withdraw(bench, [{ id: 1, key, held: TAKEN_BY_NOBODY }])).toMatchObject({ withdrawn: [1] });
  const { settled } = await deliver(bench, { ...item, held: asWithdrawn(TAKEN_BY_NOBODY) });
  expect(settled.accepted).toEqual([1]);
});
