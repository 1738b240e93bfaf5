import { describe, expect, test } from 'vitest';
import type { Deliverable, Held, Receipt, Rendered } from '../../destinations/destination.ts';
import { faultFrom } from '../http/fault-from.ts';
import { KEYS } from '../judges/written-objects.ts';
import { BASE, workspaceId } from '../sandbox/sentinel-upload-server.ts';
import { sendAndAsk, shipmentOf, startUploadBench, type UploadBench } from './sentinel-upload-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const { signal } = new AbortController();

const renderAll = ({ destination }: UploadBench, items: readonly Deliverable[]): readonly Rendered[] =>
  items.map((item) => destination.render(item));

/** As the ledger has it once it was confirmed. */
function heldAs({ form }: Rendered, remoteId: string | null): Held {
  return { remoteId, form, maybes: [], awaits: false };
}

const VALUE = 'host0.example.com';

describe('bringing', () => {
  test('one of each type and odd values shows each in the workspace, and is confirmed by that', async () => {
    const bench = await startUploadBench();
    const items = KEYS.map(({ type, value }, at) => deliverable(at + 1, type, value));
    const answer = await sendAndAsk(bench.destination, shipmentOf(renderAll(bench, items)));
    expect(answer).toMatchObject({ kind: 'settled', rejected: [], unknown: [] });
    expect(answer.kind === 'settled' ? answer.accepted : []).toEqual(items.map(({ id }) => id));
    const shown = (await bench.rows('SourceSystem, ObservableValue, Confidence')).map(String);
    for (const { indicator } of items) expect(shown).toContain(`mdti-sync,${indicator.key.value},80`);
    expect(bench.counts()).toMatchObject({ requests: 1, holds: items.length, duplicates: 0 });
  });

  test('takes a token for Azure management, one request for 100 and one query for all that ask together', async () => {
    const bench = await startUploadBench();
    const requests = bench.destination.plan(renderAll(bench, domains(250)));
    const receipts: Receipt[] = [];
    for (const part of requests) receipts.push(await bench.destination.bring(shipmentOf(part), signal));
    expect(bench.scopes[0]).toBe('https://management.azure.com');
    const answers = await Promise.all(
      requests.map((part, at) => bench.destination.confirm(shipmentOf(part), receipts[at] ?? {}, signal)),
    );
    expect(answers.map((one) => (one.kind === 'settled' ? one.accepted.length : one.kind))).toEqual([100, 100, 50]);
    expect([bench.requests.length, bench.queries.length]).toEqual([3, 1]);
    expect(bench.counts()).toMatchObject({ holds: 250 });
  });

  test('waits for rows that are late, longer each time, without uploading again', async () => {
    const bench = await startUploadBench({ ingestionLagMs: 20 * 60_000 });
    const shipment = shipmentOf(renderAll(bench, domains(2)));
    const receipt = await bench.destination.bring(shipment, signal);
    const waits: number[] = [];
    let answer = await bench.destination.confirm(shipment, receipt, signal);
    for (let asked = 0; answer.kind === 'waiting' && asked < 50; asked += 1) {
      waits.push(answer.retryAfterMs);
      bench.clock.pass(answer.retryAfterMs);
      answer = await bench.destination.confirm(shipment, receipt, signal);
    }
    expect(answer).toMatchObject({ kind: 'settled', accepted: [1, 2], unknown: [] });
    expect(waits.slice(0, 3)).toEqual([15_000, 15_000, 15_000]);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(Math.max(...waits)).toBe(300_000);
    expect(bench.requests).toHaveLength(1);
  });

  test.each(['lost', 'transformedAway'] as const)('what is %s is set aside after confirmFor', async (fault) => {
    const bench = await startUploadBench({ [fault]: [VALUE] });
    const shipment = shipmentOf(renderAll(bench, domains(2)));
    const receipt = await bench.destination.bring(shipment, signal);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({ kind: 'waiting' });
    bench.later(59);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({ kind: 'waiting' });
    bench.later(1);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({
      kind: 'settled',
      accepted: [2],
      rejected: [],
      unknown: [{ id: 1, isAbsent: true, reason: expect.stringContaining('does not show it') }],
    });
  });

  test.each(['object', 'absent'] as const)('is confirmed with the column Data %s', async (dataColumn) => {
    const bench = await startUploadBench({ dataColumn, unknownProperties: 'left-out' });
    const answer = await sendAndAsk(bench.destination, shipmentOf(renderAll(bench, domains(3))));
    expect(answer).toMatchObject({ kind: 'settled', accepted: [1, 2, 3] });
  });

  test('is confirmed by a republished copy as well', async () => {
    const bench = await startUploadBench();
    const shipment = shipmentOf(renderAll(bench, domains(1)));
    const receipt = await bench.destination.bring(shipment, signal);
    bench.later(1);
    bench.server.tip.controls?.['republish']?.({});
    expect(await bench.rows('LastUpdateMethod')).toEqual([['LogARepublisher']]);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({ accepted: [1] });
  });

  test('what was deleted there since is taken for a person’s decision', async () => {
    const bench = await startUploadBench({ deletes: 'object' });
    const shipment = shipmentOf(renderAll(bench, domains(1)));
    const receipt = await bench.destination.bring(shipment, signal);
    const [[id] = []] = await bench.rows('Id');
    bench.later(1);
    await bench.server.manage('DELETE', `${BASE}/indicators/${encodeURIComponent(String(id))}?api-version=1`);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({
      kind: 'settled',
      accepted: [],
      rejected: [{ id: 1, byReviewer: true }],
    });
  });
});

describe('an item that is not taken in', () => {
  test('is rejected with the reason, which does not hold the value, and the others are taken in', async () => {
    const bench = await startUploadBench({ invalidValues: [VALUE] });
    const answer = await sendAndAsk(bench.destination, shipmentOf(renderAll(bench, domains(3))));
    expect(answer).toMatchObject({ kind: 'settled', accepted: [2, 3], rejected: [{ id: 1 }] });
    const reason = answer.kind === 'settled' ? (answer.rejected[0]?.reason ?? '') : '';
    expect(reason).toBe('Sentinel did not take it in: Error for Property=pattern: Value is not supported.');
  });

  test('does not show the value in what the receipt or a reason says, whatever Sentinel quotes', async () => {
    const bench = await startUploadBench();
    const shipment = shipmentOf(renderAll(bench, domains(2)));
    const quoted = `Pattern [domain-name:value = '${VALUE}'] of ${VALUE} is bad. Actual value: ${VALUE}.`;
    bench.wire.answers = {
      status: 200,
      headers: {},
      text: JSON.stringify({ errors: [{ recordIndex: '0', errorMessages: [quoted] }] }),
    };
    const receipt = await bench.destination.bring(shipment, signal);
    expect(JSON.stringify(receipt)).not.toContain(VALUE);
    bench.wire.answers = {
      ...bench.wire.answers,
      text: bench.wire.answers.text.replaceAll(VALUE, VALUE.toUpperCase()),
    };
    expect(JSON.stringify(await bench.destination.bring(shipment, signal)).toLowerCase()).not.toContain(VALUE);
  });

  test.each(['https://example.com/a-very-long', 'https:\\/\\/example.com\\/a-very', '"very-long\\"/path?of=it'])(
    'does not show a part of the value either, or another way to write it (%s)',
    async (said) => {
      const bench = await startUploadBench();
      const item = deliverable(1, 'url', 'https://example.com/a-very-long"/path?of=it');
      const body = { message: `Invalid pattern [url:value = '${said}... at 17` };
      bench.wire.answers = { status: 400, headers: {}, text: JSON.stringify(body) };
      const fault = await faultFrom(bench.destination.bring(shipmentOf(renderAll(bench, [item])), signal));
      expect(fault).toMatchObject({ kind: 'Rejected', message: expect.stringContaining('Invalid pattern') });
      expect(fault.message).not.toMatch(/example|very|path/);
    },
  );

  test.each(['listed', 'refused', 'refused-unnamed'] as const)(
    'where it is alone declines the request (allInvalid: %s)',
    async (allInvalid) => {
      const bench = await startUploadBench({ invalidValues: [VALUE], allInvalid });
      const fault = await faultFrom(bench.destination.bring(shipmentOf(renderAll(bench, domains(1))), signal));
      expect(fault).toMatchObject({ kind: 'Rejected', inPart: false });
      expect(fault.message).not.toContain(VALUE);
    },
  );

  test.each(['refused', 'refused-unnamed'] as const)('may decline the whole request (oneInvalid: %s)', async (way) => {
    const bench = await startUploadBench({ invalidValues: [VALUE], oneInvalid: way });
    const fault = await faultFrom(bench.destination.bring(shipmentOf(renderAll(bench, domains(2))), signal));
    expect(fault).toMatchObject({ kind: 'Rejected' });
    expect(bench.counts()).toMatchObject({ holds: 0 });
  });
});

describe('changing', () => {
  test.each(['later', 'last'] as const)('shows the new content under the same id (versions: %s)', async (versions) => {
    const bench = await startUploadBench({ versions });
    const [item] = domains(1);
    const [first] = renderAll(bench, domains(1));
    if (item === undefined || first === undefined) throw new Error('There is one.');
    const answer = await sendAndAsk(bench.destination, shipmentOf([first]));
    const remoteId = answer.kind === 'settled' ? (answer.given?.[0]?.remoteId ?? null) : null;
    bench.later(1);
    const changed = { ...domains(1, { confidence: 33 })[0], held: heldAs(first, remoteId) };
    const next = bench.destination.render({ ...item, ...changed });
    expect(await sendAndAsk(bench.destination, shipmentOf([next]))).toMatchObject({
      accepted: [1],
      given: [{ id: 1 }],
    });
    expect(await bench.rows('Confidence, Id')).toEqual([[33, expect.stringContaining(String(first.form['id']))]]);
    expect(bench.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
  });

  test('that is passed over for a newer version is noticed, and gets through the next time', async () => {
    const bench = await startUploadBench();
    const [item] = domains(1);
    const [first] = renderAll(bench, domains(1));
    if (item === undefined || first === undefined) throw new Error('There is one.');
    const newer = { ...first.content, modified: '2026-11-29T00:00:00.000Z', confidence: 1 };
    await bench.server.upload([newer]);
    bench.later(1);
    const answer = await sendAndAsk(bench.destination, shipmentOf([first]));
    expect(answer).toMatchObject({ accepted: [], unknown: [{ id: 1, isAbsent: true }] });
    const remoteId = answer.kind === 'settled' ? (answer.given?.[0]?.remoteId ?? null) : null;
    const held: Held = { remoteId, form: null, maybes: [first.form], awaits: false };
    const again = bench.destination.render({ ...item, held });
    bench.later(1);
    expect(await sendAndAsk(bench.destination, shipmentOf([again]))).toMatchObject({ accepted: [1], unknown: [] });
    expect(await bench.rows('Confidence')).toEqual([[80]]);
  });
});

describe('what comes back, while nobody knows whether it was revoked', () => {
  test.each([false, true])('is there under a new id, and the old one is not (was revoked: %s)', async (wasRevoked) => {
    const bench = await startUploadBench();
    const [item] = domains(1);
    const [first] = renderAll(bench, domains(1));
    if (item === undefined || first === undefined) throw new Error('There is one.');
    await sendAndAsk(bench.destination, shipmentOf([first]));
    bench.later(1);
    const held: Held = { remoteId: null, form: null, maybes: [first.form], awaits: false, withdrawn: 'maybe' };
    if (wasRevoked) {
      await faultFrom(bench.destination.withdraw([{ id: 1, key: first.key, held }], signal));
      bench.later(1);
    }
    bench.server.setFaults({ ingestionLagMs: 60_000 });
    const second = bench.destination.render({ ...item, held });
    const shipment = shipmentOf([second]);
    const receipt = await bench.destination.bring(shipment, signal);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({ kind: 'waiting' });
    bench.later(1);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({ accepted: [1] });
    expect(bench.states()).toEqual([`${VALUE} gone`, `${VALUE} held`]);
    expect(bench.counts()).toMatchObject({ duplicates: 0, withdrawn: 1 });
  });

  test('is not confirmed while the old one may be current', async () => {
    const bench = await startUploadBench();
    const [item] = domains(1);
    const [first] = renderAll(bench, domains(1));
    if (item === undefined || first === undefined) throw new Error('There is one.');
    await bench.server.upload([{ ...first.content, modified: '2026-11-29T00:00:00.000Z' }]);
    bench.later(1);
    const held: Held = { remoteId: null, form: null, maybes: [first.form], awaits: false, withdrawn: 'maybe' };
    const shipment = shipmentOf([bench.destination.render({ ...item, held })]);
    const receipt = await bench.destination.bring(shipment, signal);
    bench.later(60);
    expect(await bench.destination.confirm(shipment, receipt, signal)).toMatchObject({
      kind: 'settled',
      accepted: [],
      unknown: [{ id: 1, reason: expect.stringContaining('was revoked') }],
    });
  });
});

describe('a request whose acknowledgement was lost', () => {
  test('is found by what the workspace shows, and confirmed', async () => {
    const bench = await startUploadBench({ ingestionLagMs: 10 * 60_000 });
    const shipment = shipmentOf(renderAll(bench, domains(2)));
    bench.wire.loses = 'after';
    const sentAfter = bench.clock.now();
    expect(await faultFrom(bench.destination.bring(shipment, signal))).toMatchObject({ kind: 'Unavailable' });
    const lost = { sentAfter, endedAt: sentAfter };
    expect(await bench.destination.find(shipment, lost, signal)).toEqual({ kind: 'waiting', retryAfterMs: 15_000 });
    bench.later(10);
    const found = await bench.destination.find(shipment, lost, signal);
    if (found.kind !== 'found') throw new Error(found.kind);
    expect(await bench.destination.confirm(shipment, found.receipt, signal)).toMatchObject({ accepted: [1, 2] });
    expect(bench.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });

  test('and that never arrived, is absent once its rows would have shown', async () => {
    const bench = await startUploadBench();
    const shipment = shipmentOf(renderAll(bench, domains(2)));
    const sentAfter = bench.clock.now();
    bench.later(61);
    expect(await bench.destination.find(shipment, { sentAfter, endedAt: null }, signal)).toEqual({
      kind: 'waiting',
      retryAfterMs: 60_000,
    });
    bench.later(1);
    expect(await bench.destination.find(shipment, { sentAfter, endedAt: null }, signal)).toEqual({ kind: 'absent' });
  });

  test('where there never was one, both APIs are asked whether they answer', async () => {
    const bench = await startUploadBench();
    const lost = { sentAfter: bench.clock.now(), endedAt: null };
    expect(await bench.destination.find(shipmentOf([]), lost, signal)).toEqual({ kind: 'absent' });
    expect([bench.requests.length, bench.queries.length, bench.counts().holds]).toEqual([1, 1, 0]);
    bench.wire.loses = 'before';
    expect(await faultFrom(bench.destination.find(shipmentOf([]), lost, signal))).toMatchObject({
      kind: 'Unavailable',
    });
  });
});

test('what it says of itself', async () => {
  const { destination } = await startUploadBench();
  expect(destination).toMatchObject({ fullLoad: 100, withdrawLoad: 100 });
  expect(destination.describe).toMatch(new RegExp(`^Sentinel workspace ${workspaceId} at localhost:\\d+$`));
});
