import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Window } from '../indicators/window.ts';
import { pauseUpdate, resumeUpdate, setConcurrencyUpdate } from '../workflows/handles.ts';
import { backfillWorkflowId, shortTime } from '../workflows/names.ts';
import { MdtiPipeline, MdtiState, MdtiWindowFrom, MdtiWindowTo } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';
import { isPolled, noWorkerOn } from './no-worker.ts';
import { NoWorker } from './temporal-errors.ts';

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

/** A run answers within a second; what `resume` does first takes no longer than 20. */
const HEARD_WITHIN_MS = 60_000;

/** Passes an operator's wish on to a run, a sync or a backfill. Throws `NoWorker` when nobody is there who could hear it. */
export async function steerRun(temporal: Temporal, workflowId: string, wish: Wish): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  switch (wish.kind) {
    case 'pause':
      await heard(temporal, workflowId, () => handle.executeUpdate(pauseUpdate));
      return;
    case 'resume':
      await heard(temporal, workflowId, () => handle.executeUpdate(resumeUpdate));
      return;
    case 'cancel':
      await handle.cancel();
      return;
    case 'concurrency':
      await heard(temporal, workflowId, () => handle.executeUpdate(setConcurrencyUpdate, { args: [wish.lanes] }));
      return;
  }
}

/** Temporal keeps an update only once a worker has taken it: without one it waits, and is forgotten with its caller. */
async function heard(temporal: Temporal, workflowId: string, update: () => Promise<unknown>): Promise<void> {
  const { taskQueue } = await temporal.client.workflow.getHandle(workflowId).describe();
  if (!(await isPolled(temporal, taskQueue))) {
    const { message } = noWorkerOn(taskQueue, temporal);
    throw new NoWorker(`${message} The run ${workflowId} has not heard of it.`);
  }
  const asking = new AbortController();
  const answered = temporal.connection.withAbortSignal(asking.signal, update).then(() => true);
  // When the time is up first, nobody is left to hear how the call ended.
  answered.catch(() => undefined);
  const late = sleep(HEARD_WITHIN_MS, false, { signal: asking.signal });
  late.catch(() => undefined);
  try {
    if (await Promise.race([answered, late])) return;
    throw new NoWorker(
      `The run ${workflowId} has not answered within ${HEARD_WITHIN_MS / 1_000} s: its worker has ended since, or is busy. Look at the worker's log, and try again.`,
    );
  } finally {
    asking.abort();
  }
}
