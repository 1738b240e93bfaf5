import type { Answers, Question } from '../activities/answer.ts';
import { questionName } from './names.ts';
import { answer } from './proxies.ts';

export type { Coverage, Stretch } from '../activities/answer-coverage.ts';
export type { EnrichmentStatus } from '../activities/answer-enrichment.ts';
export type { BackfillEstimate } from '../activities/answer-estimate.ts';
export type { Selected } from '../activities/answer-selection.ts';
export type { OpenWindow, PipelineStatus } from '../activities/answer-status.ts';
export type { Answers, Question };

/** Where more than the ledger is asked: a sample of rows is read, or hosts are looked up as fast as the budget allows. */
const LONG: Partial<Record<Question['kind'], '45m' | '1h'>> = { estimate: '45m', reputations: '1h' };

/** Asks the ledger a question on behalf of the command line, so that every question is on record. */
export async function ask(question: Question): Promise<Answers[Question['kind']]> {
  const startToCloseTimeout = LONG[question.kind];
  return answer.executeWithOptions(
    { summary: questionName(question), ...(startToCloseTimeout === undefined ? {} : { startToCloseTimeout }) },
    [question],
  );
}
