import { type Progress, progressQuery } from '../workflows/handles.ts';
import type { Temporal } from './connect.ts';

export interface RunningRun {
  readonly workflowId: string;
  /** Null while no worker can answer for it. */
  readonly progress: Progress | null;
}

/** The syncs and backfills of a pipeline that are going now, with what each says of itself. */
export async function runningRuns({ client }: Temporal, pipeline: string): Promise<readonly RunningRun[]> {
  const running: RunningRun[] = [];
  const query = `WorkflowType in ('sync', 'backfill') and MdtiPipeline = '${pipeline}' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    running.push({ workflowId, progress: await progressOf(client.workflow.getHandle(workflowId)) });
  }
  return running;
}

/** Null while no worker can answer: the run has not begun, or has just ended. */
export async function progressOf(
  handle: ReturnType<Temporal['client']['workflow']['getHandle']>,
): Promise<Progress | null> {
  try {
    return await handle.query(progressQuery);
  } catch {
    return null;
  }
}
