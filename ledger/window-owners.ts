import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/**
 * The run that a window belongs to: its workflow's id and the first run id of its chain, so that what continues as new keeps its
 * windows, and one that is started again under the same id is another.
 */
export interface Owner {
  readonly workflowId: string;
  readonly runId: string;
}

/** How long a window stays its owner's without being heard of. */
export const LEASE_MS = 3 * 60_000;

/** Of a window's row: from when on it is anybody's if nothing is heard. By the ledger's clock, since those of workers differ. */
export const leaseEnd = (aheadMs = 0) => sql<Date>`now() + ${(LEASE_MS + aheadMs) / 1_000} * interval '1 second'`;

const isOf = ({ workflowId, runId }: Owner) => sql`(owner_workflow = ${workflowId} and owner_run = ${runId})`;

/**
 * Makes sure that a window is this owner's, for as long as a lease: because it was, because it had failed, or because its owner
 * was not heard of any more. False when it is another's, or was brought to its end by another one.
 */
export async function claimWindow(db: LedgerDb, windowId: number, owner: Owner): Promise<boolean> {
  const { rows } = await sql`update windows set state = 'running', begun = true, reason = null,
      owner_workflow = ${owner.workflowId}, owner_run = ${owner.runId}, leased_until = greatest(leased_until, ${leaseEnd()})
    where id = ${windowId} and state <> 'done' and (${isOf(owner)} or state = 'failed' or leased_until <= now())
    returning id`.execute(db);
  if (rows.length > 0) return true;
  // An attempt before this one may have closed it.
  const closed = await sql`select id from windows where id = ${windowId} and state = 'done' and ${isOf(owner)}`.execute(
    db,
  );
  return closed.rows.length > 0;
}

/** Says of all windows that an owner is at work on that it still is, and will be so much longer than a lease. */
export async function renewLeases(db: LedgerDb, pipeline: string, owner: Owner, aheadMs = 0): Promise<void> {
  await sql`update windows set leased_until = ${leaseEnd(aheadMs)}
    where pipeline = ${pipeline} and state = 'running' and ${isOf(owner)} and leased_until < ${leaseEnd(aheadMs)}`.execute(
    db,
  );
}

/** Marks the windows that an owner has not finished as failed, so that any run takes them up. Returns how many. */
export async function releaseWindows(db: LedgerDb, pipeline: string, owner: Owner, reason: string): Promise<number> {
  const { rows } = await sql`update windows set state = 'failed', reason = ${reason}
    where pipeline = ${pipeline} and state = 'running' and ${isOf(owner)} returning id`.execute(db);
  return rows.length;
}

/** Who else is at work on windows of the pipeline, as far as the ledger knows. */
export async function otherOwners(db: LedgerDb, pipeline: string, owner: Owner): Promise<readonly Owner[]> {
  const { rows } = await sql<Owner>`select distinct owner_workflow as "workflowId", owner_run as "runId" from windows
    where pipeline = ${pipeline} and state = 'running' and owner_workflow not in ('', ${owner.workflowId})`.execute(db);
  return rows;
}
