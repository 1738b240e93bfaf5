import { cancellationSignal } from '@temporalio/activity';
import { type ArtifactsRead, readArtifacts as read } from '../enrichment/read-artifacts.ts';
import type { Parts } from './parts.ts';

export interface ReadArtifactsInput {
  readonly pipeline: string;
  /** Pages at most: the rest is for the next round. */
  readonly pages: number;
}

/** Reads on what the TIP holds, and what has changed there, into the ledger. */
export async function readArtifacts(parts: Parts, { pipeline, pages }: ReadArtifactsInput): Promise<ArtifactsRead> {
  return read(parts, parts.enriched(pipeline), pages, cancellationSignal());
}
