import { sql } from 'kysely';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import type { Owner } from '../../ledger/window-owners.ts';

/** A run, for what does not depend on which. */
export const RUN: Owner = { workflowId: 'sync/p-2026-11-24T08:15:00Z', runId: 'a-run' };

/** As if nothing had been heard of a window's owner for long. */
export async function letLeaseRunOut(ledger: LedgerDb, windowId: number): Promise<void> {
  await sql`update windows set leased_until = now() where id = ${windowId}`.execute(ledger);
}
