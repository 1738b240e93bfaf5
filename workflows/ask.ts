import type { Answers, Question } from '../activities/answer.ts';
import { answer } from './proxies.ts';

export type { Coverage, Stretch } from '../activities/answer-coverage.ts';
export type { BackfillEstimate } from '../activities/answer-estimate.ts';
export type { OpenWindow, PipelineStatus } from '../activities/answer-status.ts';
export type { Answers, Question };

/** Asks the ledger a question on behalf of the command line, so that every question is on record. */
export async function ask(question: Question): Promise<Answers[Question['kind']]> {
  return answer.executeWithOptions(
    {
      summary: `${question.kind} of ${question.pipeline}`,
      ...(question.kind === 'estimate' ? { startToCloseTimeout: '45m' } : {}),
    },
    [question],
  );
}
