import { type Progress, progressQuery } from '../workflows/handles.ts';
import { MdtiPipeline, quoted } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

export interface RunningRun {
  readonly workflowId: string;
  /** Null while no worker can answer for it. */
  readonly progress: Progress | null;
}

/** The runs of a pipeline that are going now, with what each says of itself. */
export async function runningRuns(temporal: Temporal, pipeline: string): Promise<readonly RunningRun[]> {
  const running: RunningRun[] = [];
  for (const workflowId of await runningIds(temporal, pipeline, ['sync', 'backfill', 'enrich'])) {
    running.push({ workflowId, progress: await progressOf(temporal, workflowId) });
  }
  return running;
}

/** Workflow ids of the pipeline's runs of these types that are going now. */
export async function runningIds(
  { client }: Temporal,
  pipeline: string,
  types: readonly ('sync' | 'backfill' | 'enrich')[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  const query = `WorkflowType in (${types.map(quoted).join(', ')}) and MdtiPipeline = ${quoted(pipeline)} and ExecutionStatus = 'Running'`;
  for await (const { workflowId, typedSearchAttributes } of client.workflow.list({ query })) {
    // The server takes quotes off both ends of a value, however many there are.
    if (typedSearchAttributes.get(MdtiPipeline) === pipeline) ids.push(workflowId);
  }
  return ids;
}

/** A question stays open until a worker takes it: whoever asks does not wait for one that may never come. */
const ANSWER_MS = 3_000;

/** Null while no worker can answer: the run has not begun, or has just ended. */
export async function progressOf({ client, connection }: Temporal, workflowId: string): Promise<Progress | null> {
  try {
    return await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(workflowId).query(progressQuery),
    );
  } catch {
    return null;
  }
}
