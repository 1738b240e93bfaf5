import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';
import { endTurn, joinLine, keepTurn, type Turn } from './query-turns.ts';
import type { Database } from './schema.ts';

type Work<T> = (tx: Transaction<Database>) => Promise<T>;

const ASK_AGAIN_MS = 100;

/**
 * Does work in a transaction of its own, one after the other among all who name the same task, in whichever worker; first come, first
 * served. Whoever waits has no connection meanwhile: those are for others, and for the one that is waited for.
 */
export async function oneAtATime<T>(db: LedgerDb, task: string, work: Work<T>): Promise<T> {
  return afterOthersHere(db, task, () => amongAllWorkers(db, task, work));
}

const lastOf = new WeakMap<LedgerDb, Map<string, Promise<unknown>>>();

async function afterOthersHere<T>(db: LedgerDb, task: string, work: () => Promise<T>): Promise<T> {
  const tasks = lastOf.get(db) ?? new Map<string, Promise<unknown>>();
  lastOf.set(db, tasks);
  const before = tasks.get(task) ?? Promise.resolve();
  const mine = before.then(work);
  const over = mine.catch(() => undefined);
  tasks.set(task, over);
  try {
    return await mine;
  } finally {
    if (tasks.get(task) === over) tasks.delete(task);
  }
}

async function amongAllWorkers<T>(db: LedgerDb, task: string, work: Work<T>): Promise<T> {
  let turn: Turn | null = null;
  try {
    for (;;) {
      const place = turn;
      const done = await db.transaction().execute(async (tx) => {
        return (await mayBegin(tx, task, place)) ? { result: await work(tx) } : null;
      });
      if (done !== null) return done.result;
      if (turn === null) turn = await joinLine(db, task, false);
      else await keepTurn(db, turn, false);
      await sleep(ASK_AGAIN_MS * (1 + Math.random()));
    }
  } finally {
    if (turn !== null) await endTurn(db, turn);
  }
}

/** Takes the task, unless somebody is at it or has stood in line for longer. With the transaction, it is given back. */
async function mayBegin(tx: Transaction<Database>, task: string, turn: Turn | null): Promise<boolean> {
  const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(hashtext(${task})) and not exists (
      select from query_turns t where t.api = ${task} and t.until >= statement_timestamp()
        and (${turn?.id ?? null}::bigint is null or t.id < ${turn?.id ?? null}::bigint)
    ) as free`.execute(tx);
  return rows[0]?.free === true;
}
