import type { Answers, Question } from '../activities/answer.ts';
import { answer } from './proxies.ts';

/** Asks the ledger a question on behalf of the command line, so that every question is on record. */
export async function ask(question: Question): Promise<Answers[Question['kind']]> {
  return answer.executeWithOptions({ summary: `${question.kind} of ${question.pipeline}` }, [question]);
}
