import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { endTurn, joinLine, keepTurn, type Turn, takeTurn } from '../../ledger/query-turns.ts';
import { ledgerTurns } from '../../rates/ledger-turns.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const { signal } = new AbortController();

/** Something that goes on until it is told to end. */
function held(): { readonly query: () => Promise<string>; readonly begun: Promise<void>; readonly end: () => void } {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let end = (): void => undefined;
  const over = new Promise<string>((resolve) => {
    end = () => resolve('done');
  });
  const query = (): Promise<string> => {
    begin();
    return over;
  };
  return { query, begun, end };
}

it('runs no more at once than allowed, over all workers', async () => {
  const workers = [0, 1, 2].map(() => ledgerTurns(ledger, 'wide', 2));
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const query = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    // Two meet, and a third would have some time to come too.
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 2) for (const go of waiting.splice(0)) go();
    });
    await sleep(5);
    running -= 1;
  };
  await Promise.all(workers.flatMap((turns) => [1, 2, 3, 4].map(() => turns(false, signal, query))));
  expect(most).toBe(2);
});

it('takes live runs first, then those that came first', async () => {
  const turns = ledgerTurns(ledger, 'order', 1);
  const first = held();
  const running = turns(false, signal, first.query);
  await first.begun;
  const done: string[] = [];
  const query = (name: string) => async (): Promise<void> => {
    done.push(name);
  };
  const waits = ['backfill 1', 'backfill 2'].map((name) => turns(false, signal, query(name)));
  waits.push(turns(true, signal, query('live')));
  const waiting = async () =>
    expect((await sql`select id from query_turns where api = 'order'`.execute(ledger)).rows).toHaveLength(4);
  await vi.waitFor(waiting);
  first.end();
  await Promise.all([running, ...waits]);
  expect(done[0]).toBe('live');
  expect(done.toSorted()).toEqual(['backfill 1', 'backfill 2', 'live']);
});

it('gives the place back when the query fails, and when nobody waits for it any more', async () => {
  const turns = ledgerTurns(ledger, 'failing', 1);
  await expect(turns(true, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const first = held();
  const running = turns(true, signal, first.query);
  await first.begun;
  const cancel = new AbortController();
  const cancelled = turns(true, cancel.signal, () => Promise.resolve());
  cancel.abort();
  await expect(cancelled).rejects.toThrow(/abort/i);
  first.end();
  expect(await running).toBe('done');
  expect(await turns(true, signal, () => Promise.resolve('next'))).toBe('next');
});

it('gives the place of a worker that died to the next', async () => {
  const dead = await joinLine(ledger, 'dead', true);
  expect(await takeTurn(ledger, dead, 1)).toBe(true);
  const next = await joinLine(ledger, 'dead', false);
  expect(await takeTurn(ledger, next, 1)).toBe(false);
  await letRunOut(dead);
  expect(await takeTurn(ledger, next, 1)).toBe(true);
});

describe('a turn that was taken for gone, since nothing was heard of it for long', () => {
  it('comes all the same, in its old place', async () => {
    const running = await joinLine(ledger, 'stalled', true);
    expect(await takeTurn(ledger, running, 1)).toBe(true);
    const stalled = await joinLine(ledger, 'stalled', false);
    expect(await takeTurn(ledger, stalled, 1)).toBe(false);
    await letRunOut(stalled);
    const later = await joinLine(ledger, 'stalled', false);
    expect(await isInLine(stalled)).toBe(false);
    expect(await takeTurn(ledger, stalled, 1)).toBe(false);
    await endTurn(ledger, running);
    expect(await takeTurn(ledger, later, 1)).toBe(false);
    expect(await takeTurn(ledger, stalled, 1)).toBe(true);
  });

  it('counts again as under way, once it is heard of', async () => {
    const stalled = await joinLine(ledger, 'under way', false);
    expect(await takeTurn(ledger, stalled, 1)).toBe(true);
    await letRunOut(stalled);
    const next = await joinLine(ledger, 'under way', true);
    expect(await isInLine(stalled)).toBe(false);
    await keepTurn(ledger, stalled, true);
    expect(await takeTurn(ledger, next, 1)).toBe(false);
    await endTurn(ledger, stalled);
    expect(await takeTurn(ledger, next, 1)).toBe(true);
  });
});

async function letRunOut({ id }: Turn): Promise<void> {
  await sql`update query_turns set until = until - interval '1 minute' where id = ${id}`.execute(ledger);
}

async function isInLine({ id }: Turn): Promise<boolean> {
  return (await sql`select id from query_turns where id = ${id}`.execute(ledger)).rows.length > 0;
}
