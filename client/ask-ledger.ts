import { randomUUID } from 'node:crypto';
import type { Answers, Question } from '../workflows/ask.ts';
import { MdtiPipeline } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

/** Asks a worker what the ledger knows. Rejects after `timeoutMs` when no worker answers. */
export async function askLedger<K extends Question['kind']>(
  { client }: Temporal,
  taskQueue: string,
  question: Extract<Question, { kind: K }>,
  timeoutMs = 30_000,
): Promise<Answers[K]> {
  return client.workflow.execute('ask', {
    // A question is not part of a pipeline's story: any two may be asked at once.
    workflowId: `ask/${question.pipeline}/${question.kind}/${randomUUID().slice(0, 8)}`,
    taskQueue,
    args: [question],
    workflowExecutionTimeout: timeoutMs,
    staticSummary: `${question.kind} of ${question.pipeline}`,
    typedSearchAttributes: [{ key: MdtiPipeline, value: question.pipeline }],
  });
}
