import { cancellationSignal } from '@temporalio/activity';
import { commentArtifacts } from '../enrichment/comment-artifacts.ts';
import { markArtifacts } from '../enrichment/mark-artifacts.ts';
import { rescoreArtifacts } from '../enrichment/rescore-artifacts.ts';
import { artifactsToWrite } from '../ledger/artifact-writing.ts';
import type { Parts } from './parts.ts';

export interface WriteArtifactsInput {
  readonly pipeline: string;
  readonly part: number;
  readonly what: 'marks' | 'besides';
}

/** Writes marks of a part, or its comments and confidences: what is not written yet. */
export async function writeArtifacts(parts: Parts, { pipeline: name, part, what }: WriteArtifactsInput): Promise<void> {
  const pipeline = parts.enriched(name);
  const items = await artifactsToWrite(parts.ledger, name, part);
  const signal = cancellationSignal();
  if (what === 'marks') return markArtifacts(parts, pipeline, items, signal);
  await rescoreArtifacts(parts, pipeline, items, signal);
  await commentArtifacts(parts, pipeline, items, signal);
}
