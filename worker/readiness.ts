import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import type { LedgerDb } from '../ledger/open-ledger.ts';

/** What a worker is made of, as far as it has come. */
export interface Readiness {
  ledger: LedgerDb | null;
  connection: NativeConnection | null;
  worker: Worker | null;
}

/** A dependency that takes longer than this to answer has not answered. */
const PATIENCE_MS = 2_000;

/** Why the worker takes no work now, as a sentence; null when it polls, and Temporal and the ledger answer. */
export async function reasonNotReady({ ledger, connection, worker }: Readiness): Promise<string | null> {
  if (ledger === null || connection === null || worker === null) return 'The worker is starting.';
  const state = worker.getState();
  if (state !== 'RUNNING') return state === 'INITIALIZED' ? 'The worker is starting.' : 'The worker is stopping.';
  const [asked, read] = await Promise.all([
    answers(connection.withDeadline(Date.now() + PATIENCE_MS, () => connection.workflowService.getSystemInfo({}))),
    answers(sql`select 1`.execute(ledger)),
  ]);
  if (!asked) return 'Temporal does not answer.';
  return read ? null : 'The ledger does not answer.';
}

/** What goes wrong may hold an address or a name: that is for the log of whoever meets it in earnest. */
async function answers(question: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  try {
    const outcome = question.then(
      () => true,
      () => false,
    );
    return await Promise.race([outcome, sleep(PATIENCE_MS, false, { signal: late.signal, ref: false })]);
  } finally {
    late.abort();
  }
}
