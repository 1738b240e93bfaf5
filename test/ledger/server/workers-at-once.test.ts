import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SliceCounts } from '../../../indicators/counts.ts';
import type { Observation } from '../../../indicators/indicator.ts';
import { formBatches, undecidedItems, writeDecisions } from '../../../ledger/batches.ts';
import { type LedgerDb, openLedger } from '../../../ledger/open-ledger.ts';
import { recordSlice } from '../../../ledger/record-slice.ts';
import { markSending, markSent, settleShipments } from '../../../ledger/shipment-steps.ts';
import { openShipments, planShipments, unshippedItems } from '../../../ledger/shipments.ts';
import { planWindows } from '../../../ledger/windows.ts';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { observation } from '../observation.ts';
import { RUN } from '../run.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const PIPELINE = 'p';

/** Two workers, each with connections of its own. */
let one: LedgerDb;
let two: LedgerDb;
beforeEach(async () => {
  const url = await ownDatabase();
  [one, two] = await Promise.all([openLedger({ url }), openLedger({ url })]);
  // Both are connected, so that they begin together.
  await Promise.all([one, two].flatMap((ledger) => many(5, () => sql`select pg_sleep(0.01)`.execute(ledger))));
});
afterEach(() => Promise.all([one.destroy(), two.destroy()]));

async function windows(count: number): Promise<readonly number[]> {
  const planned = await planWindows(one, {
    pipeline: PIPELINE,
    kind: 'live',
    owner: RUN,
    span: { from: '2026-11-01T00:00:00Z', to: new Date(Date.UTC(2026, 10, 1, count)).toISOString() },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: count,
    now: NOW,
  });
  return planned.windows.map(({ id }) => id);
}

function record(
  ledger: LedgerDb,
  windowId: number | undefined,
  observations: readonly Observation[],
): Promise<SliceCounts> {
  return recordSlice(ledger, {
    pipeline: PIPELINE,
    windowId: windowId ?? 0,
    slice: '0/1',
    observations,
    malformed: [],
    exclude: ({ facts }) => facts.ended,
    now: NOW,
  });
}

async function exclusions(): Promise<Readonly<Record<string, string | null>>> {
  const rows = await one.selectFrom('indicators').select(['value', 'exclusion']).execute();
  return Object.fromEntries(rows.map(({ value, exclusion }) => [value, exclusion]));
}

const day = (number: number): string => `2026-11-0${number}T00:00:00.0000000Z`;
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

test('edits that each drop what the other names', async () => {
  const said = (id: string, value: string, on: number): Observation =>
    observation(value, { id, modified: day(on), time: day(on), facts: { confidence: on } });
  const [first, second, third] = await windows(3);
  // Each pair of rows names the same two domains; later one row names only the one, the other only the other.
  const pairs = many(1_500, (index) => index);
  const before = pairs.flatMap((index) =>
    ['left', 'right'].flatMap((id) => [
      said(`${id}${index}`, `a${index}.com`, 1),
      said(`${id}${index}`, `b${index}.com`, 1),
    ]),
  );
  await record(one, first, before);
  await Promise.all([
    record(
      one,
      second,
      pairs.map((index) => said(`left${index}`, `a${index}.com`, 2)),
    ),
    record(
      two,
      third,
      pairs.map((index) => said(`right${index}`, `b${index}.com`, 2)),
    ),
  ]);
  expect(new Set(Object.values(await exclusions()))).toEqual(new Set([null]));
});

test('edits of one row that are read at once: the later one holds', async () => {
  const [first, second] = await windows(2);
  const rows = many(1_500, (index) => index);
  const said = (value: string, index: number, on: number): Observation =>
    observation(value, { id: `row${index}`, modified: day(on), time: day(on) });
  await Promise.all([
    record(
      one,
      first,
      rows.map((index) => said(`old${index}.com`, index, 1)),
    ),
    record(
      two,
      second,
      rows.map((index) => said(`new${index}.com`, index, 2)),
    ),
  ]);
  const found = Object.entries(await exclusions());
  expect(found).toHaveLength(3_000);
  for (const [value, exclusion] of found) expect(exclusion, value).toBe(value.startsWith('old') ? 'deleted' : null);
});

async function decide(ledger: LedgerDb, windowId: number, batch: number): Promise<void> {
  const items = await undecidedItems(ledger, windowId, { batch });
  const decision = { kind: 'deliver', reason: 'score-at-or-above-minimum', score: 90 } as const;
  await writeDecisions(
    ledger,
    windowId,
    items.map(({ id }) => ({ id, decision })),
  );
}

/** Delivers what of a batch is not on its way with another one; how many that were. */
async function deliver(ledger: LedgerDb, windowId: number, batch: number): Promise<number> {
  const unshipped = await unshippedItems(ledger, windowId, batch);
  const rows = unshipped.map(({ id, held }) => ({ id, hash: `of ${windowId}`, form: {}, held }));
  const marker = `${windowId}/${batch}/${unshipped.length}`;
  const left = await planShipments(ledger, { windowId, batch, now: NOW }, [{ name: marker, items: rows }]);
  const shipments = await openShipments(ledger, windowId, batch, 'planned');
  const ids = shipments.map(({ id }) => id);
  for (const shipment of shipments) await markSending(ledger, shipment, NOW);
  await markSent(
    ledger,
    ids.map((id) => ({ id, receipt: {} })),
  );
  const settlements = shipments.map(({ id, items }) => ({
    shipmentId: id,
    accepted: items.map((item) => item.id),
    rejected: [],
    unknown: [],
    note: '',
  }));
  await settleShipments(ledger, settlements, NOW);
  return unshipped.length - left;
}

/** The same values in an order of its own. */
type Order = (values: readonly string[]) => readonly string[];
const ORDERS: readonly Order[] = [
  (all) => all,
  (all) => all.toReversed(),
  (all) => all.toSorted(),
  (all) => all.slice(2_500).concat(all.slice(0, 2_500)),
];
const VALUES = many(5_000, (index) => `${(index * 7_919) % 5_000}.example.com`);
const said = (on: number, order: Order): readonly Observation[] =>
  order(VALUES).map((value) => observation(value, { time: day(on), facts: { confidence: on } }));

test('many slices of the same rows, in any order, while some of them are delivered', async () => {
  const [first = 0, ...later] = await windows(5);
  await record(
    one,
    first,
    said(1, (all) => all),
  );
  await formBatches(one, first, 1_000);
  for (let batch = 1; batch <= 5; batch += 1) await decide(one, first, batch);
  const [counts, delivered] = await Promise.all([
    Promise.all(
      ORDERS.map((order, index) => record(index % 2 === 0 ? one : two, later[index], said(index + 2, order))),
    ),
    Promise.all(many(5, (index) => deliver(index % 2 === 0 ? two : one, first, index + 1))),
  ]);
  expect(delivered).toEqual(many(5, () => 1_000));
  for (const { rows, changed, unchanged } of counts) {
    expect({ rows, sum: changed + unchanged }).toEqual({ rows: 5_000, sum: 5_000 });
  }
  const facts = await one.selectFrom('indicators').select('facts').execute();
  // The newest has won, whoever was last.
  expect(new Set(facts.map((row) => row.facts?.confidence))).toEqual(new Set([5]));
});

test('batches of two windows that hold the same indicators in another order', async () => {
  const [first = 0, second = 0] = await windows(2);
  await record(
    one,
    first,
    said(1, (all) => all),
  );
  await formBatches(one, first, 1_000);
  await record(
    one,
    second,
    said(2, (all) => all),
  );
  // Other batches: those of the second window each have some of all of the first.
  await sql`insert into batches (window_id, batch, items) select ${second}::bigint, batch, items from batches`.execute(
    one,
  );
  await sql`update batch_items set batch = 1 + indicator_id % 5 where window_id = ${second}`.execute(one);
  const batches = [1, 2, 3, 4, 5].flatMap((batch) => [[first, batch] as const, [second, batch] as const]);
  for (const [windowId, batch] of batches) await decide(one, windowId, batch);
  for (let left = 10_000; left > 0; ) {
    const done = await Promise.all(
      batches.map(([windowId, batch], index) => deliver(index % 2 === 0 ? one : two, windowId, batch)),
    );
    left -= done.reduce((sum, each) => sum + each, 0);
  }
  const states = await one.selectFrom('deliveries').select('state').execute();
  expect(states).toHaveLength(5_000);
  expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['confirmed']));
});
