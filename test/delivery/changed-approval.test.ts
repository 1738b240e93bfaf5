import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { type Approval, type Bench, startBench } from '../destinations/threatstream-sandbox.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, partsOf, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

type Delivery = Awaited<ReturnType<typeof startDelivery>>;
const MINUTE = 60_000;

/** The same pipeline after its worker was started again with another setting. */
async function restarted({ name, bench }: Delivery, approval: Approval) {
  const then = await startBench(approval, {}, {}, bench);
  const parts = partsOf(ledger, name, then);
  const stepOf =
    <T>(step: (given: typeof parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    (windowId: number): Promise<T> =>
      new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) }).run(() =>
        step(parts, { pipeline: name, windowId, batch: 1 }),
      );
  return { bench: then, deliver: stepOf(deliver), confirm: stepOf(confirm) };
}

function submissions(...benches: readonly Bench[]): number {
  return benches.flatMap(({ requests }) => requests).filter(({ method }) => method !== 'GET').length;
}

async function standing(name: string): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select d.state, s.reason from deliveries d join indicators i on i.id = d.indicator_id
    left join set_aside s on s.indicator_id = i.id where i.pipeline = ${name}`.execute(ledger);
  return rows;
}

describe.each([
  ['required', 'bypass'],
  ['automatic', 'bypass'],
  ['bypass', 'required'],
  ['required', 'automatic'],
] as const)('when approval is changed from %s to %s', (before, after) => {
  test('a request whose acknowledgement was lost is found, and not sent again', async () => {
    const first = await startDelivery(ledger, before, {}, { polls: 0, lostAcks: 1 });
    const window = await first.bring(edited(1));
    expect(await first.deliver(window)).toBe('Unavailable');
    const then = await restarted(first, after);
    await then.deliver(window);
    await then.confirm(window);
    expect(await standing(first.name)).toEqual([{ state: 'confirmed', reason: null }]);
    expect(submissions(first.bench, then.bench)).toBe(1);
    expect(first.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('a request under way is followed in the way that it left', async () => {
    const first = await startDelivery(ledger, before, {}, { polls: 0 });
    const window = await first.bring(edited(1));
    await first.deliver(window);
    const then = await restarted(first, after);
    await then.confirm(window);
    expect(await standing(first.name)).toEqual([{ state: 'confirmed', reason: null }]);
    expect(submissions(first.bench, then.bench)).toBe(1);
  });

  test('a request that never came in is sent, once it has had its time', async () => {
    const first = await startDelivery(ledger, before, {}, { polls: 0, lostRequests: 1 });
    const window = await first.bring(edited(1));
    expect(await first.deliver(window)).toBe('Unavailable');
    first.setFaults({ lostRequests: 0, polls: 0 });
    first.later(60 * MINUTE);
    const then = await restarted(first, after);
    await then.deliver(window);
    await then.confirm(window);
    expect(await standing(first.name)).toEqual([{ state: 'confirmed', reason: null }]);
    expect(first.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });
});
