import type { PipelineStatus, Question } from '../activities/answer.ts';
import { answer } from './proxies.ts';

/** Asks the ledger a question on behalf of the command line, so that every question is on record. */
export async function ask(question: Question): Promise<PipelineStatus> {
  return answer.executeWithOptions({ summary: `${question.kind} of ${question.pipeline}` }, [question]);
}
