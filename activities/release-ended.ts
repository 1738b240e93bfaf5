import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type Owner, otherOwners, releaseWindows } from '../ledger/window-owners.ts';
import type { Parts } from './parts.ts';

/** So long is Temporal given to answer; without an answer, the lease decides. */
const PATIENCE_MS = 5_000;
const OVER: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** Hands on what runs have left unfinished that were terminated, or ended in some other way without a word. */
export async function releaseEnded({ ledger }: Parts, pipeline: string, asking: Owner): Promise<void> {
  for (const owner of await otherOwners(ledger, pipeline, asking)) {
    if (!(await hasEnded(owner))) continue;
    await releaseWindows(ledger, pipeline, owner, `its run ${owner.workflowId} has ended without finishing it`);
  }
}

async function hasEnded({ workflowId }: Owner): Promise<boolean> {
  const { connection, workflow } = getClient();
  try {
    const { status } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      workflow.getHandle(workflowId).describe(),
    );
    return OVER.has(status.name);
  } catch (error) {
    return error instanceof WorkflowNotFoundError;
  }
}
