import type { EnrichDone, EnrichStanding } from '../indicators/enrich-counts.ts';
import { artifactStanding } from '../ledger/artifacts.ts';
import { doneSoFar } from '../ledger/enrichment-counts.ts';
import type { Parts } from './parts.ts';

export interface ArtifactsCounted {
  /** Ever: a run is what came between two of them. */
  readonly done: EnrichDone;
  readonly standing: EnrichStanding;
}

export async function countArtifacts(
  parts: Parts,
  { pipeline }: { readonly pipeline: string },
): Promise<ArtifactsCounted> {
  parts.enriched(pipeline);
  return { done: await doneSoFar(parts.ledger, pipeline), standing: await artifactStanding(parts.ledger, pipeline) };
}
