import { describe, expect, test } from 'vitest';
import type { Held, Withdrawable } from '../../destinations/destination.ts';
import { faultFrom } from '../http/fault-from.ts';
import { sendAndAsk, shipmentOf, startUploadBench, type UploadBench } from './sentinel-upload-bench.ts';
import { domains } from './threatstream-indicators.ts';

const { signal } = new AbortController();

/** Brings so many domains, a minute ago, and gives what the ledger knows of them then. */
async function brought(bench: UploadBench, count: number, held: Partial<Held> = {}): Promise<readonly Withdrawable[]> {
  const items = domains(count).map((item) => bench.destination.render(item));
  for (const part of bench.destination.plan(items)) await sendAndAsk(bench.destination, shipmentOf(part));
  bench.later(1);
  return items.map(({ id, key, form }) => ({
    id,
    key,
    held: { remoteId: null, form, maybes: [], awaits: false, ...held },
  }));
}

test('is revoked and ended under the same id, seen in the workspace, and only then withdrawn', async () => {
  const bench = await startUploadBench();
  const items = await brought(bench, 3);
  const fault = await faultFrom(bench.destination.withdraw(items, signal));
  expect(fault).toMatchObject({ kind: 'Throttled', isOurs: true, retryAfterMs: 15_000 });
  expect(fault.message).not.toContain('example.com');
  expect(await bench.destination.withdraw(items, signal)).toEqual({ withdrawn: [1, 2, 3], missing: [], unknown: [] });
  expect(bench.requests).toHaveLength(2);
  expect(bench.objects()).toEqual(
    items.map(({ key, held }) =>
      expect.objectContaining({
        id: held?.form?.['id'],
        name: key.value,
        created: held?.form?.['created'],
        modified: '2026-11-30T10:01:00.000Z',
        valid_until: '2026-11-30T10:01:00.000Z',
        revoked: true,
      }),
    ),
  );
  expect(await bench.rows('Revoked, IsActive')).toEqual(items.map(() => [true, false]));
  expect(bench.counts()).toMatchObject({ holds: 0, withdrawn: 3, duplicates: 0 });
});

test('again, reads and uploads nothing', async () => {
  const bench = await startUploadBench();
  const items = await brought(bench, 2);
  await faultFrom(bench.destination.withdraw(items, signal));
  await bench.destination.withdraw(items, signal);
  const { length } = bench.requests;
  expect(await bench.destination.withdraw(items, signal)).toMatchObject({ withdrawn: [1, 2] });
  expect(bench.requests).toHaveLength(length);
});

describe('while its rows are late', () => {
  test('is asked for again and again, and uploaded once', async () => {
    const bench = await startUploadBench();
    const items = await brought(bench, 2);
    bench.server.setFaults({ ingestionLagMs: 30 * 60_000 });
    for (let minutes = 0; minutes < 30; minutes += 5) {
      const fault = await faultFrom(bench.destination.withdraw(items, signal));
      expect(fault).toMatchObject({ kind: 'Throttled', isOurs: true });
      bench.later(5);
    }
    expect(await bench.destination.withdraw(items, signal)).toMatchObject({ withdrawn: [1, 2] });
    expect(bench.requests).toHaveLength(2);
  });

  test.each(['ignored', 'listed', 'taken'] as const)(
    'a worker that is started again uploads once more, which does no harm (afterRevoked: %s)',
    async (afterRevoked) => {
      const bench = await startUploadBench({ afterRevoked });
      const items = await brought(bench, 2);
      bench.server.setFaults({ ingestionLagMs: 30 * 60_000 });
      await faultFrom(bench.destination.withdraw(items, signal));
      const restarted = bench.restarted();
      bench.later(1);
      expect(await faultFrom(restarted.withdraw(items, signal))).toMatchObject({ kind: 'Throttled' });
      bench.later(1);
      expect(await faultFrom(restarted.withdraw(items, signal))).toMatchObject({ kind: 'Throttled' });
      expect(bench.requests).toHaveLength(3);
      bench.later(30);
      expect(await restarted.withdraw(items, signal)).toMatchObject({ withdrawn: [1, 2] });
      expect(bench.counts()).toMatchObject({ holds: 0, duplicates: 0, withdrawn: 2 });
    },
  );

  test('for longer than confirmFor, nobody knows, and a later run uploads it again', async () => {
    const bench = await startUploadBench();
    const items = await brought(bench, 1);
    bench.server.setFaults({ transformedAway: ['host0.example.com'] });
    await faultFrom(bench.destination.withdraw(items, signal));
    bench.later(60);
    expect(await bench.destination.withdraw(items, signal)).toEqual({
      withdrawn: [],
      missing: [],
      unknown: [{ id: 1, reason: expect.stringContaining('does not show it') }],
    });
    await faultFrom(bench.destination.withdraw(items, signal));
    expect(bench.requests).toHaveLength(3);
  });
});

describe('of what nobody is sure is there', () => {
  test('all that may be current is revoked, and nothing else', async () => {
    const bench = await startUploadBench();
    const [item] = await brought(bench, 2);
    if (item?.held?.form === null || item?.held?.form === undefined) throw new Error('It is held.');
    const { form } = item.held;
    const held: Held = { remoteId: null, form: null, maybes: [form], awaits: false };
    const render = bench.destination.render({
      ...requireOne(domains(1)),
      held: { ...held, withdrawn: 'maybe' },
    });
    const both: Held = { ...held, maybes: [render.form, form] };
    await faultFrom(bench.destination.withdraw([{ ...item, held: both }], signal));
    expect(bench.objects().map(({ id }) => id)).toEqual([render.form['id'], form['id']]);
    expect(await bench.destination.withdraw([{ ...item, held: both }], signal)).toMatchObject({ withdrawn: [1] });
    expect(bench.states()).toContain('host1.example.com held');
  });

  test('what nothing is known of, and the workspace does not show, is missing; what it shows is revoked', async () => {
    const bench = await startUploadBench();
    const [item] = await brought(bench, 1);
    const unknown = { id: 2, key: { type: 'domain', value: 'never.example.com' }, held: null } as const;
    expect(await bench.destination.withdraw([unknown], signal)).toEqual({ withdrawn: [], missing: [2], unknown: [] });
    const known = { ...requireOne([item]), held: null };
    await faultFrom(bench.destination.withdraw([known, unknown], signal));
    expect(await bench.destination.withdraw([known, unknown], signal)).toEqual({
      withdrawn: [1],
      missing: [2],
      unknown: [],
    });
  });

  test('a newer version there is revoked all the same', async () => {
    const bench = await startUploadBench();
    const [item] = await brought(bench, 1);
    await bench.server.upload([{ ...bench.objects(0)[0], modified: '2026-12-24T00:00:00.000Z' }]);
    bench.later(1);
    await faultFrom(bench.destination.withdraw([requireOne([item])], signal));
    expect(await bench.destination.withdraw([requireOne([item])], signal)).toMatchObject({ withdrawn: [1] });
  });
});

test('what cannot be uploaded is passed on, and nothing is taken for revoked', async () => {
  const bench = await startUploadBench();
  const items = await brought(bench, 2);
  bench.server.setFaults({ poison: ['host0.example.com'] });
  expect(await faultFrom(bench.destination.withdraw(items, signal))).toMatchObject({ kind: 'Rejected' });
  bench.server.setFaults({ poison: [] });
  bench.wire.loses = 'before';
  expect(await faultFrom(bench.destination.withdraw(items, signal))).toMatchObject({ kind: 'Unavailable' });
  bench.wire.loses = null;
  await faultFrom(bench.destination.withdraw(items, signal));
  expect(await bench.destination.withdraw(items, signal)).toMatchObject({ withdrawn: [1, 2] });
});

function requireOne<T>([one]: readonly T[]): NonNullable<T> {
  if (one === undefined || one === null) throw new Error('There is one.');
  return one;
}
