import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Window } from '../indicators/window.ts';
import { pauseUpdate, resumeUpdate, setConcurrencyUpdate } from '../workflows/handles.ts';
import { backfillWorkflowId, shortTime } from '../workflows/names.ts';
import { MdtiPipeline, MdtiState, MdtiWindowFrom, MdtiWindowTo } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

export interface BackfillRequest extends Window {
  readonly pipeline: string;
  /** Longest window; null for what the pipeline's configuration says. */
  readonly windowMs: number | null;
}

/** Starts a backfill, or finds the one over the same stretch that is going; returns its workflow id. */
export async function startBackfill(
  { client }: Temporal,
  taskQueue: string,
  request: BackfillRequest,
): Promise<string> {
  const { pipeline, from, to } = request;
  const handle = await client.workflow.start('backfill', {
    workflowId: backfillWorkflowId(pipeline, from, to),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    taskQueue,
    args: [request],
    staticSummary: `backfill of ${pipeline}: ${shortTime(from)} to ${shortTime(to)}`,
    priority: { priorityKey: 4 },
    typedSearchAttributes: [
      { key: MdtiPipeline, value: pipeline },
      { key: MdtiState, value: 'running' },
      { key: MdtiWindowFrom, value: new Date(from) },
      { key: MdtiWindowTo, value: new Date(to) },
    ],
  });
  return handle.workflowId;
}

export type Wish =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'concurrency'; readonly lanes: number };

/** Passes an operator's wish on to a run, a sync or a backfill. */
export async function steerRun({ client }: Temporal, workflowId: string, wish: Wish): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  switch (wish.kind) {
    case 'pause':
      await handle.executeUpdate(pauseUpdate);
      return;
    case 'resume':
      await handle.executeUpdate(resumeUpdate);
      return;
    case 'cancel':
      await handle.cancel();
      return;
    case 'concurrency':
      await handle.executeUpdate(setConcurrencyUpdate, { args: [wish.lanes] });
      return;
  }
}
