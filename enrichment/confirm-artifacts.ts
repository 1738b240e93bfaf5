import { progressed } from '../delivery/progress.ts';
import type { Artifact } from '../destinations/artifacts.ts';
import { Fault } from '../indicators/fault.ts';
import { type UnshownArtifact, unshownArtifacts, writeAgain } from '../ledger/artifact-writing.ts';
import { forgetArtifacts, putArtifacts, setArtifactsAside } from '../ledger/artifacts.ts';
import { meetArtifact, shownArtifact } from './meet-artifact.ts';
import type { EnrichedPipeline, EnrichParts } from './parts.ts';
import { readArtifacts } from './read-artifacts.ts';

export interface Confirmed {
  /** To be written once more. */
  readonly again: number;
}

const AT_ONCE = 1_000;
/** Once more is enough: what is not shown then is for a person. */
const MOST_TRIES = 1;
const LATEST_MS = 30_000;

/**
 * Whether what was written shows: among what has changed since, and what does not show there by asking for just that. Throws `Throttled`, with when to
 * come back, while it may still come; what does not come in its time is written once more, and then set aside.
 */
export async function confirmArtifacts(
  parts: EnrichParts,
  pipeline: EnrichedPipeline,
  signal: AbortSignal,
): Promise<Confirmed> {
  const { ledger, now } = parts;
  if (pipeline.namedHosts === null) await readArtifacts(parts, pipeline, Number.POSITIVE_INFINITY, signal);
  let again = 0;
  let youngest: Date | null = null;
  for (let after = 0; ; ) {
    const left = await unshownArtifacts(ledger, pipeline.name, AT_ONCE, after);
    if (left.length === 0) break;
    after = left.at(-1)?.id ?? after;
    const shown = await pipeline.store.look(left, signal);
    const isSeen = await takeIn(parts, pipeline, left, shown);
    const gone = left.filter(({ remoteId }) => !shown.has(remoteId)).map(({ id }) => id);
    await forgetArtifacts(ledger, pipeline.name, gone);
    const otherwise = left.filter(({ id, remoteId }) => shown.has(remoteId) && !isSeen.has(id));
    const late = otherwise.filter(
      ({ writtenAt }) => now().getTime() - writtenAt.getTime() >= pipeline.store.patience.withinMs,
    );
    const once = late.filter(({ tries }) => tries < MOST_TRIES).map(({ id }) => id);
    await writeAgain(ledger, once);
    again += once.length;
    const dueAt = new Date(now().getTime() + pipeline.everyPassMs);
    const aside = late.filter(({ tries }) => tries >= MOST_TRIES).map(({ id }) => ({ id, reason: NOT_SHOWN, dueAt }));
    await setArtifactsAside(ledger, pipeline.name, aside);
    for (const { writtenAt } of otherwise.filter((one) => !late.includes(one))) {
      if (youngest === null || writtenAt > youngest) youngest = writtenAt;
    }
    progressed({ confirmed: isSeen.size });
  }
  if (youngest !== null) {
    const soon = Math.min(
      LATEST_MS,
      Math.max(pipeline.store.patience.pollMs, (now().getTime() - youngest.getTime()) / 2),
    );
    throw new Fault('Throttled', 'What was written does not show yet.', {
      retryAfterMs: Math.ceil(soon),
      isOurs: true,
    });
  }
  return { again };
}

const NOT_SHOWN =
  'It was marked twice, was said to be, and does not show it: another rule or person there may take the marks off.';

/** Returns the ids of those that show what was written. */
async function takeIn(
  { ledger, now }: EnrichParts,
  pipeline: EnrichedPipeline,
  left: readonly UnshownArtifact[],
  shown: ReadonlyMap<string, Artifact>,
): Promise<ReadonlySet<number>> {
  const at = now();
  const met = left.flatMap(({ id, remoteId }) => {
    const artifact = shown.get(remoteId);
    return artifact === undefined ? [] : [{ id, artifact: shownArtifact(artifact, pipeline, at) }];
  });
  const news = await putArtifacts(ledger, pipeline.name, {
    pass: 0,
    shown: met.map(({ artifact }) => artifact),
    meet: meetArtifact,
    done: {},
  });
  return new Set(met.flatMap(({ id }, place) => (news[place]?.news === 'seen' ? [id] : [])));
}
