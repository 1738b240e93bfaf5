import { progressed } from '../delivery/progress.ts';
import { type ArtifactToWrite, noteWritten } from '../ledger/artifact-writing.ts';
import { makeSure } from './make-sure.ts';
import { noteUnchanged } from './mark-artifacts.ts';
import type { EnrichedPipeline, EnrichParts } from './parts.ts';

/** Sets the score of what is ours. Done twice, it is the same. */
export async function rescoreArtifacts(
  parts: EnrichParts,
  pipeline: EnrichedPipeline,
  items: readonly ArtifactToWrite[],
  signal: AbortSignal,
): Promise<void> {
  for (const item of items) {
    const { score } = item.work;
    if (score === undefined) continue;
    const unchanged = await pipeline.store.rescore?.(item, score, signal);
    if (unchanged === null || unchanged === undefined) {
      await noteWritten(parts.ledger, pipeline.name, [item], 'score', { now: parts.now() });
    } else {
      await noteUnchanged(parts, pipeline, [item], await makeSure(pipeline.store, [item], [unchanged], signal));
    }
    progressed({ rescored: 1 });
  }
}
