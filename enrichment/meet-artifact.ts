import type { Artifact } from '../destinations/artifacts.ts';
import { subjectOf } from '../indicators/artifact.ts';
import { storableText } from '../indicators/storable-text.ts';
import type { KnownArtifact, Met, ShownArtifact } from '../ledger/artifacts.ts';
import type { EnrichedPipeline } from './parts.ts';

/** An artifact as the ledger keeps it: with the host whose reputation is looked up, or why there is none. */
export function shownArtifact(
  artifact: Artifact,
  { exclude, store: { names } }: Pick<EnrichedPipeline, 'exclude' | 'store'>,
  now: Date,
): ShownArtifact {
  const { remoteId, value, type, isOurs, score } = artifact;
  // Whoever else marks things privately is no business of ours.
  const ours = artifact.marks.filter((mark) => names.has(mark)).toSorted();
  const shown = { remoteId, type, value: storableText(value), isOurs, marks: ours, score };
  const subject = subjectOf(type, value);
  if (subject.kind !== 'host') return { ...shown, host: null, without: subject.kind, reason: null };
  const excluded = exclude(subject.key, now);
  if (excluded !== null) return { ...shown, host: null, without: 'excluded', reason: excluded };
  return { ...shown, host: subject.host, without: null, reason: null };
}

/**
 * How an artifact stands that is met again. What it shows since we wrote it is no news; anything else about it that we go by is judged anew. What is
 * not looked up and shows nothing of ours is right as it is.
 */
export function meetArtifact(known: KnownArtifact | undefined, shown: ShownArtifact): Met {
  const needsJudging = shown.host !== null || shown.marks.length > 0;
  const afresh = needsJudging ? 'due' : 'right';
  if (known === undefined) return { standing: afresh, news: 'new' };
  const isOther =
    known.host !== shown.host ||
    known.without !== shown.without ||
    known.isOurs !== shown.isOurs ||
    known.type !== shown.type;
  if (isOther || known.value !== shown.value) return { standing: afresh, news: 'changed' };
  const isAsWanted = known.wanted !== null && isSame(known.wanted, shown.marks);
  if (known.standing === 'written')
    return isAsWanted ? { standing: 'right', news: 'seen' } : { standing: 'written', news: null };
  if (isSame(known.marks, shown.marks) || (known.standing === 'right' && isAsWanted))
    return { standing: known.standing, news: null };
  return { standing: afresh, news: 'changed' };
}

/** Of lists that are sorted. */
function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((mark, place) => mark === b[place]);
}
