import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MdtiPipeline, MdtiState } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

export interface GoingRun {
  readonly workflowId: string;
  readonly type: string;
  readonly pipeline: string | null;
  /** Null where the run shows nothing in lists, as one that has nothing to do. */
  readonly state: string | null;
  readonly since: string;
}

/** The runs that are going, as Temporal lists them: neither a worker nor the ledger is asked. */
export async function goingRuns({ client }: Temporal, pipeline: string | null): Promise<readonly GoingRun[]> {
  const query = "WorkflowType in ('sync', 'backfill', 'enrich') and ExecutionStatus = 'Running'";
  const going: GoingRun[] = [];
  for await (const { workflowId, type, startTime, typedSearchAttributes: shown } of client.workflow.list({ query })) {
    const run = { workflowId, type, pipeline: shown.get(MdtiPipeline) ?? null, state: shown.get(MdtiState) ?? null };
    if (pipeline === null || run.pipeline === pipeline) going.push({ ...run, since: startTime.toISOString() });
  }
  return going;
}

export interface EndedRun {
  readonly workflowId: string;
  readonly type: string;
  /** `before`: it had ended already. `terminated`: it had not ended in time after it was cancelled. */
  readonly how: 'before' | 'cancelled' | 'terminated';
  /** Temporal's own word for how it has ended. */
  readonly status: string;
}

/** There is no run of ours by that id; the message says so. */
export class NoSuchRun extends Error {
  override readonly name = 'NoSuchRun';
}

const OURS: ReadonlySet<string> = new Set(['sync', 'backfill', 'window', 'batch', 'enrich', 'enrichBatch']);
/** How often Temporal is asked whether a run has ended. */
const ASK_EVERY_MS = 200;

/**
 * Ends a run, whatever it is at: cancels it, so that it lets go of its windows itself, and waits for its end. One that does not end
 * within `waitMs`, as when no worker is there or its ledger does not answer, is terminated: the next run sees that it is over, and takes
 * its windows up.
 */
export async function endRun(temporal: Temporal, workflowId: string, waitMs: number): Promise<EndedRun> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const { type, status } = await describe(temporal, workflowId);
  if (!OURS.has(type)) {
    throw new NoSuchRun(`${workflowId} is a workflow of type ${type}, and no run of mdti-sync: it is left alone.`);
  }
  if (status !== 'RUNNING') return { workflowId, type, how: 'before', status };
  await unlessOver(() => handle.cancel());
  const cancelled = await statusAtEnd(temporal, workflowId, waitMs);
  if (cancelled !== null) return { workflowId, type, how: 'cancelled', status: cancelled };
  await unlessOver(() => handle.terminate('It did not end in time after it was cancelled (mdti-sync runs cancel).'));
  const terminated = await statusAtEnd(temporal, workflowId, waitMs);
  return { workflowId, type, how: 'terminated', status: terminated ?? 'RUNNING' };
}

async function describe({ client, namespace }: Temporal, workflowId: string) {
  try {
    const { type, status } = await client.workflow.getHandle(workflowId).describe();
    return { type, status: status.name };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new NoSuchRun(
      `There is no run ${workflowId} in namespace ${namespace}: 'mdti-sync runs list' shows those that are going.`,
      { cause: error },
    );
  }
}

/** Null when it is still going. */
async function statusAtEnd(temporal: Temporal, workflowId: string, waitMs: number): Promise<string | null> {
  const until = performance.now() + waitMs;
  for (;;) {
    const { status } = await describe(temporal, workflowId);
    // One that goes on as a new run is still going.
    if (status !== 'RUNNING' && status !== 'CONTINUED_AS_NEW') return status;
    if (performance.now() >= until) return null;
    await sleep(ASK_EVERY_MS);
  }
}

/** Of a run that has ended meanwhile Temporal says that it is not there. */
async function unlessOver(wish: () => Promise<unknown>): Promise<void> {
  try {
    await wish();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
