import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts } from '../../activities/parts.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Facts, Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startUploadBench } from './sentinel-upload-bench.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const SILENT = new DefaultLogger('ERROR', () => undefined);
const REVOKED = { ended: 'revoked' } as const;

/** Each of these domains as the source has it since the edit. */
function rows(edit: number, values: readonly string[], facts: Partial<Facts> = {}): readonly Observation[] {
  return values.map((value) => observation(value, { time: `2026-11-0${edit}T00:00:00.0000000Z`, facts }));
}

let pipelines = 0;
/** The steps of a delivery at work on a ledger and the stand-in, with the engine's part: to try again after just the wait that is asked for. */
async function startDelivery(...given: Parameters<typeof startUploadBench>) {
  const bench = await startUploadBench(...given);
  pipelines += 1;
  let name = `upload${pipelines}`;
  let destination = bench.destination;
  const waits: string[] = [];
  const step = async (
    work: (parts: Parts, input: Parameters<typeof deliver>[1]) => Promise<unknown>,
    windowId: number,
  ) => {
    const parts = partsWith(ledger, { name, destination }, { now: bench.clock.now });
    try {
      await new MockActivityEnvironment({}, { logger: SILENT }).run(() =>
        work(parts, { pipeline: name, windowId, batch: 1 }),
      );
      return null;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  };
  const patiently = async (work: Parameters<typeof step>[0], windowId: number): Promise<string> => {
    for (let attempt = 1; attempt < 50; attempt += 1) {
      const fault = await step(work, windowId);
      if (fault === null) return 'done';
      if (fault.retryAfterMs === undefined) return fault.kind;
      waits.push(fault.kind);
      bench.clock.pass(fault.retryAfterMs);
    }
    return 'never';
  };
  return {
    ...bench,
    waits,
    deliver: (windowId: number) => step(deliver, windowId),
    /** As another pipeline, that knows nothing of what this one has done. */
    rename: (): void => {
      pipelines += 1;
      name = `upload${pipelines}`;
    },
    restart: (): void => {
      destination = bench.restarted();
    },
    /** Reads and decides them, delivers and confirms; how that ended. */
    run: async (...observations: readonly Observation[]): Promise<readonly string[]> => {
      bench.later(1);
      const windowId = await readWindow(ledger, name, observations, bench.clock.now());
      await decideWindow(ledger, windowId);
      return [await patiently(deliver, windowId), await patiently(confirm, windowId)];
    },
    window: async (...observations: readonly Observation[]): Promise<number> => {
      bench.later(1);
      const windowId = await readWindow(ledger, name, observations, bench.clock.now());
      await decideWindow(ledger, windowId);
      return windowId;
    },
    finish: async (windowId: number): Promise<readonly string[]> => [
      await patiently(deliver, windowId),
      await patiently(confirm, windowId),
    ],
    outcomes: async (): Promise<Readonly<Record<string, string>>> =>
      Object.fromEntries(
        (
          await ledger
            .selectFrom('deliveries')
            .innerJoin('indicators', 'indicators.id', 'deliveries.indicator_id')
            .select(['indicators.value', 'deliveries.state'])
            .where('indicators.pipeline', '=', name)
            .execute()
        ).map(({ value, state }) => [value, state]),
      ),
  };
}

const DONE = ['done', 'done'];
const AB = ['a.example.com', 'b.example.com'];

describe('an indicator', () => {
  test('is brought once, changed, withdrawn, and comes back under a new id', async () => {
    const delivery = await startDelivery();
    expect(await delivery.run(...rows(1, AB))).toEqual(DONE);
    expect(delivery.uploads()).toHaveLength(1);
    expect(await delivery.run(...rows(2, AB))).toEqual(DONE);
    expect(delivery.uploads()).toHaveLength(1);

    expect(await delivery.run(...rows(3, AB, { confidence: 20 }))).toEqual(DONE);
    expect(await delivery.rows('Confidence')).toEqual([[20], [20]]);
    expect(delivery.counts()).toMatchObject({ holds: 2, updates: 2, duplicates: 0 });

    expect(await delivery.run(...rows(4, ['a.example.com'], REVOKED))).toEqual(DONE);
    expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'retracted', 'b.example.com': 'confirmed' });
    expect(delivery.counts()).toMatchObject({ holds: 1, withdrawn: 1 });

    expect(await delivery.run(...rows(5, ['a.example.com'], { confidence: 20 }))).toEqual(DONE);
    expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'confirmed', 'b.example.com': 'confirmed' });
    expect(delivery.states().toSorted()).toEqual(['a.example.com gone', 'a.example.com held', 'b.example.com held']);
    const { length } = delivery.uploads();

    // The new one is withdrawn by its own id.
    expect(await delivery.run(...rows(6, ['a.example.com'], REVOKED))).toEqual(DONE);
    expect(delivery.states().toSorted()).toEqual(['a.example.com gone', 'a.example.com gone', 'b.example.com held']);
    expect(delivery.uploads()).toHaveLength(length + 1);
    expect(delivery.counts()).toMatchObject({ duplicates: 0 });
  });

  test('that was revoked before the pipeline knew of it comes back under a new id when it changes', async () => {
    const delivery = await startDelivery();
    await delivery.run(...rows(1, AB));
    await delivery.run(...rows(2, ['a.example.com'], REVOKED));
    delivery.rename();
    expect(await delivery.run(...rows(3, AB))).toEqual(DONE);
    expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'set-aside', 'b.example.com': 'confirmed' });
    expect(await delivery.run(...rows(4, AB, { confidence: 20 }))).toEqual(DONE);
    expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'confirmed', 'b.example.com': 'confirmed' });
    expect(await delivery.run(...rows(5, AB, REVOKED))).toEqual(DONE);
    expect(delivery.counts()).toMatchObject({ holds: 0 });
  });

  test('is waited for while rows are late, and uploaded once for each act', async () => {
    const delivery = await startDelivery({ ingestionLagMs: 25 * 60_000 });
    expect(await delivery.run(...rows(1, AB))).toEqual(DONE);
    expect(await delivery.run(...rows(2, AB, { confidence: 20 }))).toEqual(DONE);
    expect(await delivery.run(...rows(3, AB, REVOKED))).toEqual(DONE);
    expect(delivery.uploads()).toHaveLength(3);
    expect(new Set(delivery.waits)).toEqual(new Set(['Throttled']));
    expect(delivery.counts()).toMatchObject({ holds: 0, duplicates: 0, updates: 2, withdrawn: 2 });
  });
});

describe('an acknowledgement that was lost', () => {
  test.each(['before', 'after'] as const)('%s it was taken in has nothing sent twice', async (loses) => {
    const delivery = await startDelivery({ ingestionLagMs: 10 * 60_000 });
    const windowId = await delivery.window(...rows(1, AB));
    delivery.wire.loses = loses;
    expect(await delivery.deliver(windowId)).toMatchObject({ kind: 'Unavailable' });
    delivery.wire.loses = null;
    expect(await delivery.finish(windowId)).toEqual(DONE);
    expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'confirmed', 'b.example.com': 'confirmed' });
    expect(delivery.uploads()).toHaveLength(loses === 'before' ? 2 : 1);
    expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 0 });
  });

  test('of a revocation leaves nothing held', async () => {
    const delivery = await startDelivery();
    await delivery.run(...rows(1, AB));
    const windowId = await delivery.window(...rows(2, AB, REVOKED));
    delivery.wire.loses = 'after';
    expect(await delivery.deliver(windowId)).toMatchObject({ kind: 'Unavailable' });
    delivery.wire.loses = null;
    delivery.later(1);
    expect(await delivery.finish(windowId)).toEqual(DONE);
    expect(delivery.uploads()).toHaveLength(2);
    expect(delivery.counts()).toMatchObject({ holds: 0, duplicates: 0, withdrawn: 2 });
  });
});

describe('a poisoned item', () => {
  const MANY = Array.from({ length: 12 }, (_, at) => `host${at}.example.com`);

  test.each<[string, Parameters<typeof startUploadBench>[0]]>([
    ['listed', { invalidValues: ['host3.example.com'] }],
    ['with the request', { poison: ['host3.example.com'] }],
    ['refused and named', { invalidValues: ['host3.example.com'], oneInvalid: 'refused', allInvalid: 'refused' }],
  ])('costs itself alone (%s)', async (_, faults) => {
    const delivery = await startDelivery(faults);
    expect(await delivery.run(...rows(1, MANY))).toEqual(DONE);
    const outcomes = await delivery.outcomes();
    expect(MANY.filter((value) => outcomes[value] !== 'confirmed')).toEqual(['host3.example.com']);
    expect(outcomes).toMatchObject({ 'host3.example.com': 'rejected' });
    expect(delivery.counts()).toMatchObject({ holds: 11, duplicates: 0 });
  });

  test('is everything: that is the settings, and nothing is rejected', async () => {
    const delivery = await startDelivery({ invalidValues: MANY });
    expect(await delivery.run(...rows(1, MANY))).toEqual(['Refused', 'done']);
    expect(Object.values(await delivery.outcomes())).not.toContain('rejected');
  });
});

test('what is never shown is set aside, and taken up again without a duplicate once it is', async () => {
  const delivery = await startDelivery({ ingestionLagMs: 90 * 60_000 });
  expect(await delivery.run(...rows(1, AB))).toEqual(DONE);
  expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'set-aside', 'b.example.com': 'set-aside' });
  delivery.later(60);
  // As `redeliver` has it.
  await ledger.updateTable('set_aside').set({ due_at: delivery.clock.now() }).execute();
  expect(await delivery.run(...rows(2, AB))).toEqual(DONE);
  expect(await delivery.outcomes()).toEqual({ 'a.example.com': 'confirmed', 'b.example.com': 'confirmed' });
  expect(delivery.uploads()).toHaveLength(1);
  expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
});

test('429 holds it up for as long as it says', async () => {
  const delivery = await startDelivery({ requestsPerMinute: 1 });
  expect(await delivery.run(...rows(1, AB))).toEqual(DONE);
  delivery.clock.pass(-30_000);
  expect(await delivery.run(...rows(2, AB, { confidence: 1 }))).toEqual(DONE);
  expect(delivery.counts()).toMatchObject({ holds: 2, throttled: 1, updates: 2, duplicates: 0 });
});

test('a revocation goes on after a restart', async () => {
  const delivery = await startDelivery();
  await delivery.run(...rows(1, AB));
  delivery.server.setFaults({ ingestionLagMs: 20 * 60_000 });
  const windowId = await delivery.window(...rows(2, AB, REVOKED));
  expect(await delivery.deliver(windowId)).toMatchObject({ kind: 'Throttled' });
  delivery.restart();
  delivery.later(5);
  expect(await delivery.finish(windowId)).toEqual(DONE);
  expect(delivery.uploads()).toHaveLength(3);
  expect(delivery.counts()).toMatchObject({ holds: 0, withdrawn: 2, duplicates: 0 });
});
