import { describe, expect, test } from 'vitest';
import type { Confirmation, Deliverable } from '../../destinations/destination.ts';
import { faultFrom } from '../http/fault-from.ts';
import { sendAndAsk, shipmentOf, startUploadBench, type UploadBench } from './sentinel-upload-bench.ts';
import { domains } from './threatstream-indicators.ts';

const { signal } = new AbortController();

/** Brings them, and has them revoked. */
async function revoked(bench: UploadBench, items: readonly Deliverable[]): Promise<void> {
  const rendered = items.map((item) => bench.destination.render(item));
  await sendAndAsk(bench.destination, shipmentOf(rendered));
  bench.later(1);
  const held = { remoteId: null, maybes: [], awaits: false };
  const ended = rendered.map(({ id, key, form }) => ({ id, key, held: { ...held, form } }));
  await faultFrom(bench.destination.withdraw(ended, signal));
  await bench.destination.withdraw(ended, signal);
}

/** Sends, and asks until it is settled. */
async function settled(bench: UploadBench, items: readonly Deliverable[]) {
  const shipment = shipmentOf(items.map((item) => bench.destination.render(item)));
  const receipt = await bench.destination.bring(shipment, signal);
  let answer: Confirmation = { kind: 'waiting', retryAfterMs: 0 };
  for (let asked = 0; answer.kind === 'waiting' && asked < 100; asked += 1) {
    bench.clock.pass(answer.retryAfterMs);
    answer = await bench.destination.confirm(shipment, receipt, signal);
  }
  if (answer.kind === 'waiting') throw new Error('It is not settled.');
  return { ...answer, shipment };
}

const DAY = 24 * 60;

describe.each(['ignored', 'listed', 'taken'] as const)(
  'an id that was revoked there (afterRevoked: %s)',
  (afterRevoked) => {
    test.each([0, 8 * DAY])(
      'and of which nothing is known, %i minutes later gives way to another one',
      async (minutes) => {
        const bench = await startUploadBench({ afterRevoked });
        const [item] = domains(1);
        if (item === undefined) throw new Error('There is one.');
        await revoked(bench, [item]);
        bench.later(minutes);
        const { accepted, rejected, unknown, given = [], shipment } = await settled(bench, [item]);
        expect({ accepted, rejected }).toEqual({ accepted: [], rejected: [] });
        expect(unknown).toEqual([{ id: 1, isAbsent: true, reason: expect.stringContaining('was revoked') }]);
        const held = {
          remoteId: given[0]?.remoteId ?? null,
          form: null,
          maybes: shipment.items.map(({ form }) => form),
          awaits: false,
        };
        const again = await settled(bench, [{ ...item, held }]);
        expect(again).toMatchObject({ accepted: [1], rejected: [], unknown: [] });
        expect(bench.counts()).toMatchObject({ holds: 1 });
        expect(new Set((await bench.rows('Id')).map(String)).size).toBe(2);
        // And ends as any other.
        bench.later(1);
        const form = again.shipment.items[0]?.form ?? null;
        const ended = [{ id: 1, key: item.indicator.key, held: { ...held, form, maybes: [] } }];
        await faultFrom(bench.destination.withdraw(ended, signal));
        expect(await bench.destination.withdraw(ended, signal)).toMatchObject({ withdrawn: [1] });
        expect(bench.counts()).toMatchObject({ holds: 0 });
      },
    );

    test('does not hold up those beside it', async () => {
      const bench = await startUploadBench({ afterRevoked });
      const items = domains(3);
      await revoked(bench, items.slice(0, 1));
      const { accepted, rejected, unknown } = await settled(bench, items);
      expect({ accepted, rejected }).toEqual({ accepted: [2, 3], rejected: [] });
      expect(unknown.map(({ id }) => id)).toEqual([1]);
    });
  },
);
