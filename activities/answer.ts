import { ApplicationFailure } from '@temporalio/common';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { answerCoverage, type Coverage } from './answer-coverage.ts';
import { answerEstimate, type BackfillEstimate } from './answer-estimate.ts';
import { answerRedeliver, type Redelivered, type RedeliverQuestion } from './answer-redeliver.ts';
import { answerStatus, type PipelineStatus } from './answer-status.ts';
import type { Parts } from './parts.ts';

/** A question to the ledger, or a wish, asked through Temporal so that nobody but a worker needs its password. */
export type Question =
  | { readonly kind: 'status'; readonly pipeline: string }
  | ({ readonly kind: 'coverage'; readonly pipeline: string } & Window)
  | ({ readonly kind: 'estimate'; readonly pipeline: string; readonly windowMs: number | null } & Window)
  | ({ readonly kind: 'redeliver' } & RedeliverQuestion);

export interface Answers {
  readonly status: PipelineStatus;
  readonly coverage: Coverage;
  readonly estimate: BackfillEstimate;
  readonly redeliver: Redelivered;
}

/** An unknown pipeline is refused, rather than answered with nothing, in a way of its own: whoever asks for several has the others. */
function mustBeConfigured(parts: Parts, pipeline: string): void {
  try {
    parts.pipeline(pipeline);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw ApplicationFailure.create({ type: 'UnknownPipeline', message: error.message, nonRetryable: true });
  }
}

export async function answer(parts: Parts, question: Question): Promise<Answers[Question['kind']]> {
  mustBeConfigured(parts, question.pipeline);
  const { pipeline } = question;
  switch (question.kind) {
    case 'status':
      return answerStatus(parts, pipeline);
    case 'coverage':
      return answerCoverage(parts, pipeline, { from: question.from, to: question.to });
    case 'estimate':
      return answerEstimate(parts, pipeline, { from: question.from, to: question.to }, question.windowMs);
    case 'redeliver':
      return answerRedeliver(parts, question);
  }
}
