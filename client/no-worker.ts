import proto from '@temporalio/proto';
import type { Temporal } from './connect.ts';
import { NoWorker } from './temporal-errors.ts';

export function noWorkerOn(taskQueue: string, { address }: Pick<Temporal, 'address'>): NoWorker {
  return new NoWorker(
    `No worker answers on the task queue ${taskQueue} of Temporal at ${address}. Is 'mdti-sync worker' running there, and is temporal.taskQueue in its configuration the same? (--config, or --task-queue)`,
  );
}

/** Whether anybody has polled the queue in the last minutes. */
export async function isPolled({ connection, namespace }: Temporal, taskQueue: string): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return pollers.length > 0;
}
