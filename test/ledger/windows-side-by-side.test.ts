import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Observation } from '../../indicators/indicator.ts';
import { batchTally } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { claimRetractions, markRetracted, settleUndelivered } from '../../ledger/retractions.ts';
import { markSent, settleShipments } from '../../ledger/shipment-steps.ts';
import {
  confirmHeld,
  openShipments,
  planShipments,
  type UnshippedItem,
  unshippedItems,
} from '../../ledger/shipments.ts';
import { decideWindow, NOW, readWindow } from './decided-window.ts';
import { observation } from './observation.ts';
import { openTestLedger } from './test-ledger.ts';

const RETRACT_BELOW = 50;
let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const read = (pipeline: string, observations: readonly Observation[]): Promise<number> =>
  readWindow(ledger, pipeline, observations);
const decide = (windowId: number): Promise<void> => decideWindow(ledger, windowId);

/** Plans what is to be shipped, in a form that is always the same; returns how many have to wait. */
async function plan(windowId: number, items: readonly UnshippedItem[]): Promise<number> {
  return planShipments(ledger, { windowId, batch: 1, now: NOW }, [
    { name: `marker of ${windowId}`, items: items.map(({ id, held }) => ({ id, hash: 'as it is', form: {}, held })) },
  ]);
}

async function ship(windowId: number): Promise<void> {
  await plan(windowId, await unshippedItems(ledger, windowId, 1));
  for (const { id, items } of await openShipments(ledger, windowId, 1, 'planned')) {
    await markSent(ledger, [{ id, receipt: {} }]);
    const accepted = items.map((item) => item.id);
    await settleShipments(ledger, [{ shipmentId: id, accepted, rejected: [], unknown: [], note: '' }], NOW);
  }
}

async function states(pipeline: string): Promise<readonly string[]> {
  const rows = await ledger
    .selectFrom('deliveries')
    .innerJoin('indicators', 'indicators.id', 'deliveries.indicator_id')
    .select('state')
    .where('pipeline', '=', pipeline)
    .execute();
  return rows.map(({ state }) => state);
}

const LIVE = observation('a.com', { time: '2026-11-01T00:00:00.0000000Z' });
const REVOKED = observation('a.com', { time: '2026-11-02T00:00:00.0000000Z', facts: { ended: 'revoked' } });
const LIVE_AGAIN = observation('a.com', { time: '2026-11-03T00:00:00.0000000Z' });

test('what was decided to be delivered, and is excluded before it is planned, stays here', async () => {
  const first = await read('one', [LIVE]);
  await decide(first);
  await read('one', [REVOKED]);
  expect(await settleUndelivered(ledger, first, 1, RETRACT_BELOW)).toEqual({ retract: [], busy: 0 });
  expect(await unshippedItems(ledger, first, 1)).toEqual([]);
  expect(await states('one')).toEqual([]);
});

test('what is excluded while it is planned is left out', async () => {
  const first = await read('two', [LIVE]);
  await decide(first);
  const items = await unshippedItems(ledger, first, 1);
  await read('two', [REVOKED]);
  expect(await plan(first, items)).toBe(1);
  expect(await states('two')).toEqual([]);
});

test('what has come back since it was decided to be withdrawn is not withdrawn', async () => {
  const first = await read('three', [LIVE]);
  await decide(first);
  await ship(first);
  const second = await read('three', [REVOKED]);
  await decide(second);
  const third = await read('three', [LIVE_AGAIN]);
  await decide(third);
  const held = await unshippedItems(ledger, third, 1);
  await confirmHeld(
    ledger,
    third,
    held.map(({ id }) => ({ id, hash: 'as it is' })),
  );
  expect(await settleUndelivered(ledger, second, 1, RETRACT_BELOW)).toEqual({ retract: [], busy: 0 });
  expect(await states('three')).toEqual(['confirmed']);
});

test('what is on its way out is delivered again only after that', async () => {
  const first = await read('four', [LIVE]);
  await decide(first);
  await ship(first);
  const second = await read('four', [REVOKED]);
  await decide(second);
  const { retract } = await settleUndelivered(ledger, second, 1, RETRACT_BELOW);
  const ids = retract.map(({ id }) => id);
  expect(await claimRetractions(ledger, second, ids, NOW)).toEqual({
    mine: retract.map((item) => ({
      ...item,
      held: { remoteId: null, form: {}, maybes: [], awaits: false },
      awaiting: null,
      unsure: null,
    })),
    stay: [],
  });

  const third = await read('four', [LIVE_AGAIN]);
  await decide(third);
  const items = await unshippedItems(ledger, third, 1);
  expect(items).toMatchObject([{ heldHash: null }]);
  expect(await plan(third, items)).toBe(1);
  // The worker has died meanwhile: the next attempt goes on with it.
  expect(await settleUndelivered(ledger, second, 1, RETRACT_BELOW)).toEqual({ retract, busy: 0 });
  await markRetracted(ledger, second, ids, NOW);
  // It is not there any more as it was when these were read.
  expect(await plan(third, items)).toBe(1);
  expect(await plan(third, await unshippedItems(ledger, third, 1))).toBe(0);
});

test('what was settled by whoever asked first stays so', async () => {
  const first = await read('settled', [LIVE]);
  await decide(first);
  await plan(first, await unshippedItems(ledger, first, 1));
  const [shipment] = await openShipments(ledger, first, 1, 'planned');
  if (shipment === undefined) throw new Error('Nothing was planned.');
  const ids = shipment.items.map(({ id }) => id);
  await markSent(ledger, [{ id: shipment.id, receipt: {} }]);
  await settleShipments(ledger, [{ shipmentId: shipment.id, accepted: ids, rejected: [], unknown: [], note: '' }], NOW);

  const rejected = ids.map((id) => ({ id, reason: 'It was withdrawn since.' }));
  await settleShipments(ledger, [{ shipmentId: shipment.id, accepted: [], rejected, unknown: [], note: '' }], NOW);
  await markSent(ledger, [{ id: shipment.id, receipt: {} }]);
  expect(await openShipments(ledger, first, 1, 'sent')).toEqual([]);
  expect(await states('settled')).toEqual(['confirmed']);
  expect(await batchTally(ledger, first, 1)).toMatchObject({ confirmed: 1, rejected: 0 });
});

test('a late answer about a rejected update leaves alone what was said again since', async () => {
  const first = await read('late', [LIVE]);
  await decide(first);
  await ship(first);
  const second = await read('late', [{ ...LIVE_AGAIN, facts: { ...LIVE.facts, confidence: 90 } }]);
  await decide(second);
  const items = (await unshippedItems(ledger, second, 1)).map(({ id, held }) => ({
    id,
    hash: 'another',
    form: {},
    held,
  }));
  await planShipments(ledger, { windowId: second, batch: 1, now: NOW }, [{ name: 'late', items }]);
  const [shipment] = await openShipments(ledger, second, 1, 'planned');
  if (shipment === undefined) throw new Error('Nothing was planned.');
  const rejected = items.map(({ id }) => ({ id, reason: 'It is not wanted.' }));
  const answer = [{ shipmentId: shipment.id, accepted: [], rejected, unknown: [], note: '' }];
  await settleShipments(ledger, answer, NOW);
  expect(await states('late')).toEqual(['rejected']);

  const again = observation('a.com', { time: '2026-11-04T00:00:00.0000000Z' });
  const third = await read('late', [again]);
  await decide(third);
  await confirmHeld(
    ledger,
    third,
    items.map(({ id, held }) => ({ id, hash: 'as it is', form: {}, held })),
  );
  expect(await states('late')).toEqual(['confirmed']);
  await settleShipments(ledger, answer, NOW);
  expect(await states('late')).toEqual(['confirmed']);
});

test('what another window has delivered meanwhile, in the same form, is not delivered again', async () => {
  const first = await read('five', [LIVE]);
  await decide(first);
  const second = await read('five', [{ ...LIVE, sourceId: 'another', facts: { ...LIVE.facts, confidence: 90 } }]);
  await decide(second);
  // Planned from what it was before the first was confirmed.
  const items = await unshippedItems(ledger, second, 1);
  expect(items).toMatchObject([{ heldHash: null }]);
  await ship(first);
  expect(await plan(second, items)).toBe(1);
  expect(await openShipments(ledger, second, 1, 'planned')).toEqual([]);
  expect(await unshippedItems(ledger, second, 1)).toMatchObject([{ heldHash: 'as it is' }]);
});
