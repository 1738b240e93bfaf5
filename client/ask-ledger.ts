import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Answers, Question } from '../workflows/ask.ts';
import { MdtiPipeline } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

/** Nobody answers on the task queue; the message says so and what to look at. */
export class NoWorker extends Error {
  override readonly name = 'NoWorker';

  constructor(taskQueue: string, address: string) {
    super(
      `No worker answers on the task queue ${taskQueue} of Temporal at ${address}. Is 'mdti-sync worker' running there, and is temporal.taskQueue in its configuration the same? (--task-queue, or MDTI_SYNC_TASK_QUEUE)`,
    );
  }
}

/** The worker's configuration has no such pipeline; the message names those that it has. */
export class UnknownPipeline extends Error {
  override readonly name = 'UnknownPipeline';
}

/** Asks a worker what the ledger knows. Throws `NoWorker`, `UnknownPipeline`, or an error with the worker's own sentence. */
export async function askLedger<K extends Question['kind']>(
  temporal: Temporal,
  taskQueue: string,
  question: Extract<Question, { kind: K }>,
  timeoutMs = 30_000,
): Promise<Answers[K]> {
  const { client, address } = temporal;
  if (!(await isPolled(temporal, taskQueue))) throw new NoWorker(taskQueue, address);
  try {
    return await client.workflow.execute('ask', {
      // A question is not part of a pipeline's story: any two may be asked at once.
      workflowId: `ask/${question.pipeline}/${question.kind}/${randomUUID().slice(0, 8)}`,
      taskQueue,
      args: [question],
      workflowExecutionTimeout: timeoutMs,
      staticSummary: `${question.kind} of ${question.pipeline}`,
      typedSearchAttributes: [{ key: MdtiPipeline, value: question.pipeline }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const refusal = applicationFailure(error.cause);
    if (refusal?.type === 'UnknownPipeline') throw new UnknownPipeline(refusal.message, { cause: error });
    if (refusal !== null) throw new Error(refusal.message, { cause: error });
    throw new NoWorker(taskQueue, address);
  }
}

/** Whether anybody has polled the queue in the last minutes. */
async function isPolled({ connection, namespace }: Temporal, taskQueue: string): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return pollers.length > 0;
}

function applicationFailure(error: unknown): ApplicationFailure | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return cause;
  }
  return null;
}
