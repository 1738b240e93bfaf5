import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { TaxiiSettings } from '../../destinations/taxii/taxii-settings.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import type { TaxiiFaults } from '../../sandbox/taxii/taxii-faults.ts';
import { partsWith } from '../activities/parts.ts';
import { SERVERS, startTaxii } from '../destinations/taxii-bench.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, patiently } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const SILENT = new DefaultLogger('ERROR', () => undefined);
const REVOKED = { ended: 'revoked' } as const;
const VALUES = Array.from({ length: 8 }, (_, number) => `host${number}.example.com`);
const rows = (edit: number, confidence = 80, values = VALUES) =>
  values.map((value) => edited(edit, { confidence }, value));

let pipelines = 0;
/** The steps of a delivery at work on a ledger and the stand-in. A step that fails gives the kind of its fault. */
async function startDelivery(faults: Partial<TaxiiFaults> = {}, settings: Partial<TaxiiSettings> = {}) {
  const bench = await startTaxii(faults, settings);
  pipelines += 1;
  const pipeline = `taxii${pipelines}`;
  const parts = partsWith(ledger, { name: pipeline, destination: bench.taxii }, { now: () => bench.clock.at });
  const run = async <T>(step: () => Promise<T>): Promise<T | Fault['kind']> => {
    try {
      return await new MockActivityEnvironment({}, { logger: SILENT }).run(step);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      bench.clock.at = new Date(bench.clock.at.getTime() + (error.retryAfterMs ?? 0));
      return error.kind;
    }
  };
  const steps = {
    deliver: (windowId: number) => run(() => deliver(parts, { pipeline, windowId, batch: 1 })),
    confirm: (windowId: number) => run(() => confirm(parts, { pipeline, windowId, batch: 1 })),
  };
  const read = async (observations: readonly Observation[]): Promise<number> => {
    const windowId = await readWindow(ledger, pipeline, observations, bench.clock.at);
    await decideWindow(ledger, windowId);
    return windowId;
  };
  return {
    bench,
    read,
    ...steps,
    /** Reads, delivers and confirms, as the engine does, without its pauses. */
    async finish(observations: readonly Observation[]) {
      const windowId = await read(observations);
      await patiently(() => steps.deliver(windowId));
      return patiently(() => steps.confirm(windowId));
    },
    counts: () => bench.tip.counts(),
    /** Objects that were sent and are indicators. */
    sent: () =>
      bench
        .added()
        .flat()
        .filter(({ type }) => type === 'indicator').length,
  };
}

const isPost = ({ method, body = '' }: { method: string; body?: string }) =>
  method === 'POST' && body.includes('"pattern"');

describe.each(SERVERS)('on a server like %s', (duplicates) => {
  test('brings, sends nothing again, changes, withdraws, and brings back', async () => {
    const delivery = await startDelivery({ duplicates });
    expect(await delivery.finish(rows(1))).toMatchObject({ confirmed: 8 });
    expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
    await delivery.finish(rows(2));
    expect(delivery.sent()).toBe(8);
    expect(await delivery.finish(rows(3, 95, VALUES.slice(0, 3)))).toMatchObject({ confirmed: 3 });
    expect(delivery.counts()).toMatchObject({ holds: 8, updates: 3 });
    const gone = VALUES.slice(0, 2).map((value) => edited(4, REVOKED, value));
    expect(await delivery.finish(gone)).toMatchObject({ retracted: 2 });
    expect(delivery.counts()).toMatchObject({ holds: 6, withdrawn: 2 });
    for (const edit of [5, 7]) {
      expect(await delivery.finish(rows(edit, 95, VALUES.slice(0, 2)))).toMatchObject({ confirmed: 2 });
      expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
      if (edit === 5) await delivery.finish(VALUES.slice(0, 2).map((value) => edited(6, REVOKED, value)));
    }
    expect(delivery.counts()).toMatchObject({ withdrawn: 4, duplicates: 0 });
    expect(delivery.sent()).toBe(8 + 3 + 2 + 2 + 2 + 2);
  });

  test.each(['before', 'after'] as const)(
    'finds out what became of a request whose acknowledgement was lost %s it was taken in',
    async (when) => {
      const delivery = await startDelivery({ duplicates });
      const { answers } = delivery.bench;
      const lost = { status: 502, headers: {}, text: '' };
      answers.before = (request) => (when === 'before' && isPost(request) ? lost : null);
      answers.after = (request, reply) => (isPost(request) ? lost : reply);
      const windowId = await delivery.read(rows(1));
      expect(await delivery.deliver(windowId)).toBe('Unavailable');
      delete answers.before;
      delete answers.after;
      await patiently(() => delivery.deliver(windowId));
      expect(await patiently(() => delivery.confirm(windowId))).toMatchObject({ confirmed: 8 });
      expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
    },
  );

  test('does not lose what changed while it was not known whether it was taken in', async () => {
    const delivery = await startDelivery({ duplicates });
    delivery.bench.answers.after = (request, reply) =>
      isPost(request) ? { status: 502, headers: {}, text: '' } : reply;
    const first = await delivery.read(rows(1));
    expect(await delivery.deliver(first)).toBe('Unavailable');
    delete delivery.bench.answers.after;
    const second = await delivery.read(rows(2, 95));
    await patiently(() => delivery.deliver(first));
    await patiently(() => delivery.confirm(first));
    await patiently(() => delivery.deliver(second));
    await patiently(() => delivery.confirm(second));
    expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
    const newest = delivery.bench.added().at(-1) ?? [];
    expect(newest.map(({ confidence }) => confidence)).toEqual(VALUES.map(() => 95));
  });

  test('confirms what was sent, though it has changed since', async () => {
    const delivery = await startDelivery({ duplicates });
    const first = await delivery.read(rows(1));
    await patiently(() => delivery.deliver(first));
    await delivery.read(rows(2, 95));
    expect(await delivery.confirm(first)).toMatchObject({ confirmed: 8 });
  });

  test('finds the one that is declined; the others are there once', async () => {
    const delivery = await startDelivery({ duplicates, poison: ['host5.'] });
    expect(await delivery.finish(rows(1))).toMatchObject({ confirmed: 7, rejected: 1 });
    expect(delivery.counts()).toMatchObject({ holds: 7, duplicates: 0 });
    const [rejected] = await ledger
      .selectFrom('batch_items')
      .select('reason')
      .where('outcome', '=', 'rejected')
      .orderBy('window_id', 'desc')
      .execute();
    expect(rejected?.reason).toMatch(/^The TAXII server answered (400|422)/);
    expect(rejected?.reason).not.toContain('host5');
  });

  test('is refused where everything is declined, and rejects nothing', async () => {
    const delivery = await startDelivery({ duplicates, poison: ['host'] });
    expect(await delivery.deliver(await delivery.read(rows(1)))).toBe('Refused');
    expect(delivery.counts()).toMatchObject({ holds: 0 });
  });

  test('halves what is too large', async () => {
    const delivery = await startDelivery({ duplicates, proxyBodyLimit: 3_000 });
    expect(await delivery.finish(rows(1))).toMatchObject({ confirmed: 8 });
    expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
  });

  test('waits for what shows late, and sets aside what never does', async () => {
    const delivery = await startDelivery(
      { duplicates, appearsAfterRequests: 5, dropValues: ['host2.'] },
      { confirmFor: 1_000 },
    );
    expect(await delivery.finish(rows(1))).toMatchObject({ confirmed: 7, rejected: 0 });
    delivery.bench.setFaults({ dropValues: [] });
    expect(await delivery.finish(rows(2, 95))).toMatchObject({ confirmed: 8 });
    expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
  });

  test('never has two that are current where nobody knew of a withdrawal', async () => {
    const delivery = await startDelivery({ duplicates }, { confirmFor: 1 });
    await delivery.finish(rows(1));
    delivery.bench.setFaults({ dropValues: ['host'] });
    const gone = await delivery.read(VALUES.map((value) => edited(2, REVOKED, value)));
    await delivery.deliver(gone);
    delivery.bench.clock.at = new Date(delivery.bench.clock.at.getTime() + 1_000);
    expect(await delivery.deliver(gone)).toMatchObject({ retracted: 0 });
    delivery.bench.setFaults({ dropValues: [] });
    expect(await delivery.finish(rows(3))).toMatchObject({ confirmed: 8 });
    const states = delivery.bench.tip.items().map(({ state }) => state);
    expect([states.filter((state) => state === 'held').length, states.length]).toEqual([8, 16]);
    expect(delivery.counts()).toMatchObject({ duplicates: 0 });
  });
});
