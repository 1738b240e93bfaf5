import { ApplicationFailure } from '@temporalio/common';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { closeExchange } from '../ledger/exchanges.ts';
import { answerCoverage, type Coverage } from './answer-coverage.ts';
import { answerEnrichment, type EnrichmentStatus, enrichedOr } from './answer-enrichment.ts';
import { answerEstimate, type BackfillEstimate } from './answer-estimate.ts';
import { answerOpenExchange, type OpenedExchange } from './answer-exchange.ts';
import { answerRedeliver, type Redelivered, type RedeliverQuestion } from './answer-redeliver.ts';
import { answerReputations, type ReputationsQuestion, type SealedReputations } from './answer-reputations.ts';
import { answerSelection, type Selected } from './answer-selection.ts';
import { answerStatus, type PipelineStatus } from './answer-status.ts';
import type { Parts } from './parts.ts';

/** A question to the ledger, or a wish, asked through Temporal so that nobody but a worker needs its password. */
export type Question =
  | { readonly kind: 'status'; readonly pipeline: string }
  | { readonly kind: 'enrichment'; readonly pipeline: string }
  | { readonly kind: 'selection'; readonly pipeline: string }
  | ({ readonly kind: 'coverage'; readonly pipeline: string } & Window)
  | ({ readonly kind: 'estimate'; readonly pipeline: string; readonly windowMs: number | null } & Window)
  | ({ readonly kind: 'redeliver' } & RedeliverQuestion)
  | ExchangeQuestion;

/** Of values that are a person's own, and of no pipeline: see `exchange/sealed.ts`. */
type ExchangeQuestion =
  | { readonly kind: 'open-exchange'; readonly pipeline: null; readonly publicKey: string }
  | ({ readonly kind: 'reputations'; readonly pipeline: null } & ReputationsQuestion)
  | { readonly kind: 'close-exchange'; readonly pipeline: null; readonly exchange: string };

export interface Answers {
  readonly status: PipelineStatus;
  /** Null for a pipeline that does not enrich. */
  readonly enrichment: EnrichmentStatus | null;
  readonly selection: Selected;
  readonly coverage: Coverage;
  readonly estimate: BackfillEstimate;
  readonly redeliver: Redelivered;
  readonly 'open-exchange': OpenedExchange;
  readonly reputations: SealedReputations;
  readonly 'close-exchange': null;
}

/** An unknown pipeline is refused, rather than answered with nothing, in a way of its own: whoever asks for several has the others. */
function mustBeConfigured(parts: Parts, { pipeline, kind }: Question & { readonly pipeline: string }): void {
  try {
    if (kind === 'selection') return void parts.enriched(pipeline);
    const mayEnrich = kind === 'enrichment' || kind === 'redeliver';
    if (!mayEnrich || enrichedOr(parts, pipeline) === null) parts.pipeline(pipeline);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw ApplicationFailure.create({ type: 'UnknownPipeline', message: error.message, nonRetryable: true });
  }
}

export async function answer(parts: Parts, question: Question): Promise<Answers[Question['kind']]> {
  if (question.pipeline !== null) mustBeConfigured(parts, question);
  switch (question.kind) {
    case 'status':
      return answerStatus(parts, question.pipeline);
    case 'enrichment':
      return answerEnrichment(parts, question.pipeline);
    case 'selection':
      return answerSelection(parts, question.pipeline);
    case 'coverage':
      return answerCoverage(parts, question.pipeline, { from: question.from, to: question.to });
    case 'estimate':
      return answerEstimate(parts, question.pipeline, { from: question.from, to: question.to }, question.windowMs);
    case 'redeliver':
      return answerRedeliver(parts, question);
    case 'open-exchange':
      return answerOpenExchange(parts, question.publicKey);
    case 'reputations':
      return answerReputations(parts, question);
    case 'close-exchange':
      await closeExchange(parts.ledger, question.exchange);
      return null;
    default:
      return refuseUnknown(question);
  }
}

/** A command of a later release has questions of its own. */
function refuseUnknown(question: never): never {
  const kind = String(Reflect.get(Object(question), 'kind'));
  throw new Fault(
    'Refused',
    `This worker does not know the question ${kind}: it is of an earlier release than the command. Bring the workers to the command's release.`,
  );
}
