import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { endTurn, joinLine, keepTurn, TURN_LEASE_MS, takeTurn } from '../ledger/query-turns.ts';

/** Runs a query when it is its turn among those of all workers. */
export type Turns = <T>(isUrgent: boolean, signal: AbortSignal, query: () => Promise<T>) => Promise<T>;

const ASK_AGAIN_MS = 100;

/**
 * At most `width` queries at once over all workers that share the ledger, first come, first served, live runs before backfills.
 * A worker that dies gives its turns back a quarter of a minute later.
 */
export function ledgerTurns(ledger: LedgerDb, api: string, width: number): Turns {
  return async (isUrgent, signal, query) => {
    const id = await joinLine(ledger, api, isUrgent);
    try {
      while (!(await takeTurn(ledger, api, id, width))) {
        await sleep(ASK_AGAIN_MS * (1 + Math.random()), undefined, { signal });
      }
      return await renewing(ledger, id, query);
    } finally {
      await endTurn(ledger, id);
    }
  };
}

async function renewing<T>(ledger: LedgerDb, id: number, query: () => Promise<T>): Promise<T> {
  // A renewal that fails is made up for by the next; the query is under way whatever the ledger says.
  const timer = setInterval(() => void keepTurn(ledger, id).catch(() => undefined), TURN_LEASE_MS / 3);
  try {
    return await query();
  } finally {
    clearInterval(timer);
  }
}
