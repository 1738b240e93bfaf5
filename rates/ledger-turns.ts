import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { endTurn, joinLine, keepTurn, TURN_LEASE_MS, type Turn, takeTurn } from '../ledger/query-turns.ts';

/** Runs a query when it is its turn among those of all workers. */
export type Turns = <T>(isUrgent: boolean, signal: AbortSignal, query: () => Promise<T>) => Promise<T>;

const ASK_AGAIN_MS = 100;

/**
 * At most `width` queries at once over all workers that share the ledger, first come, first served, live runs before backfills.
 * A worker that dies gives its turns back a quarter of a minute later.
 */
export function ledgerTurns(ledger: LedgerDb, api: string, width: number): Turns {
  return async (isUrgent, signal, query) => {
    const turn = await joinLine(ledger, api, isUrgent);
    try {
      while (!(await takeTurn(ledger, turn, width))) {
        await sleep(ASK_AGAIN_MS * (1 + Math.random()), undefined, { signal });
      }
      return await renewing(ledger, turn, query);
    } finally {
      await endTurn(ledger, turn);
    }
  };
}

async function renewing<T>(ledger: LedgerDb, turn: Turn, query: () => Promise<T>): Promise<T> {
  let renewal: Promise<void> = Promise.resolve();
  // A renewal that fails is made up for by the next; the query is under way whatever the ledger says.
  const timer = setInterval(() => {
    renewal = keepTurn(ledger, turn, true).catch(() => undefined);
  }, TURN_LEASE_MS / 3);
  try {
    return await query();
  } finally {
    clearInterval(timer);
    // One that came after the end would make a turn of nobody.
    await renewal;
  }
}
