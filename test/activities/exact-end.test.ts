import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formBatches } from '../../activities/form-batches.ts';
import { type Plan, plan } from '../../activities/plan.ts';
import { takeUpExpired } from '../../ledger/expired.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { edited } from '../delivery/delivery.ts';
import { startScripted } from '../delivery/scripted-destination.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { QUIET_SOURCE } from './quiet-source.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const HOUR = 3_600_000;

/** A pipeline whose source has nothing new, and whose indicators end as the test says: so many hours from the beginning on, or never. */
async function startEnding(exactEnd: boolean, ends: Readonly<Record<string, number | null>>) {
  const began = new Date('2026-11-24T12:00:00Z').getTime();
  const one = startScripted(ledger, QUIET_SOURCE, { exactEnd });
  one.clock.at = new Date(began);
  const rowOf = (name: string, hours: number | null, edit = 1) => {
    const validUntil = hours === null ? null : `${new Date(began + hours * HOUR).toISOString().slice(0, -1)}0000Z`;
    return edited(edit, { validUntil }, `${name}.example.com`);
  };
  await one.bring(...Object.entries(ends).map(([name, hours]) => rowOf(name, hours)));
  // It was read until then, and is done: one window is missing.
  const [from, to] = [began - HOUR, began].map((time) => new Date(time));
  await sql`update windows set state = 'done', from_time = ${from}::timestamptz, read_from = ${from}::timestamptz,
    to_time = ${to}::timestamptz where pipeline = ${one.name}`.execute(ledger);
  return {
    ...one,
    rowOf,
    later: (hours: number): void => {
      one.clock.at = new Date(began + hours * HOUR);
    },
    plan: (): Promise<Plan> =>
      new MockActivityEnvironment().run(() =>
        plan(one.parts, { pipeline: one.name, kind: 'live', limit: 1, owner: RUN }),
      ),
    /** What follows the reading of a window. */
    end: async (windowId: number): Promise<void> => {
      await formBatches(one.parts, { pipeline: one.name, windowId, after: 0, limit: 10 });
      await decideWindow(ledger, windowId);
      await one.deliver(windowId);
    },
    standing: async (): Promise<Readonly<Record<string, string>>> => {
      const { rows } = await sql<{ value: string; said: string }>`
        select i.value, concat_ws(' ', d.state, i.exclusion) as said
        from indicators i left join deliveries d on d.indicator_id = i.id where i.pipeline = ${one.name}`.execute(
        ledger,
      );
      return Object.fromEntries(rows.map(({ value, said }) => [value.split('.')[0], said]));
    },
  };
}

describe('with exactEnd', () => {
  test('a lone window without a row goes on, and withdraws what has come to its end, and only that', async () => {
    const { plan: planned, later, end, standing, withdrawn } = await startEnding(true, { a: 1, b: 2, c: 3, d: null });
    later(2);
    const { windows, closed } = await planned();
    expect(closed).toBeNull();
    const windowId = windows[0]?.id ?? 0;
    await end(windowId);
    expect(withdrawn.map(({ key }) => key.value).toSorted()).toEqual(['a.example.com', 'b.example.com']);
    expect(await standing()).toEqual({
      a: 'retracted expired',
      b: 'retracted expired',
      c: 'confirmed',
      d: 'confirmed',
    });
    expect(await windowCounts(ledger, windowId)).toMatchObject({ rows: 0, new: 0, pending: 0, retracted: 2 });
  });

  test('a window that finds nothing of the kind is closed at once', async () => {
    const { plan: planned, later, withdrawn } = await startEnding(true, { a: 3 });
    later(2);
    expect(await planned()).toMatchObject({ windows: [], closed: { rows: 0 } });
    expect(withdrawn).toEqual([]);
  });

  test('what comes to life again with a later end is brought again', async () => {
    const { name, clock, later, end, standing, rowOf, bring, sent } = await startEnding(true, { a: 1 });
    later(2);
    await end(await readWindow(ledger, name, [], clock.at));
    expect(await standing()).toEqual({ a: 'retracted expired' });
    const before = sent.length;
    await bring(rowOf('a', 9, 2));
    expect(sent.length).toBe(before + 1);
    expect(await standing()).toEqual({ a: 'confirmed' });
  });
});

test('without it, what has come to its end stays until its rounded expiry', async () => {
  const { plan: planned, later, standing } = await startEnding(false, { a: 1 });
  later(2);
  expect(await planned()).toMatchObject({ windows: [], closed: { rows: 0 } });
  expect(await standing()).toEqual({ a: 'confirmed' });
});

test('one window takes so many at most, those that ended first, and the next one the others', async () => {
  const { name, clock, later, standing } = await startEnding(true, { a: 3, b: 1, c: 2 });
  later(5);
  const [first, second] = [await readWindow(ledger, name, []), await readWindow(ledger, name, [])];
  const of = async (windowId: number) => {
    const { rows } = await sql<{ value: string; change: string }>`select i.value, bi.change
      from batch_items bi join indicators i on i.id = bi.indicator_id where bi.window_id = ${windowId} order by 1`.execute(
      ledger,
    );
    return rows.map(({ value, change }) => `${value[0]} ${change}`);
  };
  await takeUpExpired(ledger, { windowId: first, now: clock.at, most: 2 });
  expect(await of(first)).toEqual(['b ended', 'c ended']);
  await takeUpExpired(ledger, { windowId: second, now: clock.at, most: 2 });
  expect(await of(second)).toEqual(['a ended']);
  expect(Object.values(await standing())).toEqual(['confirmed expired', 'confirmed expired', 'confirmed expired']);
});

test('what the destination does not hold is no work, what is on its way there is left, and a backfill takes none', async () => {
  const { name, clock, later } = await startEnding(true, { a: 1, b: 1, c: 1 });
  later(2);
  const windowId = await readWindow(ledger, name, []);
  const idOf = (value: string) => sql`(select id from indicators where pipeline = ${name} and value = ${value})`;
  await sql`delete from deliveries where indicator_id = ${idOf('a.example.com')}`.execute(ledger);
  await sql`update deliveries set state = 'pending' where indicator_id = ${idOf('b.example.com')}`.execute(ledger);
  await sql`update windows set kind = 'backfill' where id = ${windowId}`.execute(ledger);
  const excluded = async () => {
    const { rows } = await sql<{ value: string }>`select value from indicators
      where pipeline = ${name} and exclusion = 'expired' order by value`.execute(ledger);
    return rows.map(({ value }) => value[0]).join('');
  };
  await takeUpExpired(ledger, { windowId, now: clock.at });
  expect(await excluded()).toBe('');
  await sql`update windows set kind = 'live' where id = ${windowId}`.execute(ledger);
  await takeUpExpired(ledger, { windowId, now: clock.at });
  expect(await excluded()).toBe('ac');
  const { rows } = await sql`select indicator_id from batch_items where window_id = ${windowId}`.execute(ledger);
  expect(rows).toHaveLength(1);
});

test('what is over is found by an index, whatever else there is', async () => {
  const { name } = await startEnding(true, { a: 1 });
  const { rows } = await ledger.transaction().execute(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx);
    return sql<
      Record<string, string>
    >`explain select id from indicators i where i.pipeline = ${name} and i.exclusion is null
      and i.facts->>'validUntil' is not null and (i.facts->>'validUntil') collate "C" <= '2026' order by (i.facts->>'validUntil') collate "C" limit 5`.execute(
      tx,
    );
  });
  expect(rows.map((row) => Object.values(row).join('')).join('\n')).toMatch(/indicators_by_end/);
});
