import { progressed } from '../delivery/progress.ts';
import type { ArtifactComments, Unchanged } from '../destinations/artifacts.ts';
import { Fault } from '../indicators/fault.ts';
import { commentMarker } from '../indicators/judge-artifact.ts';
import { dropComment, type KeptComment, noteComment, planComment, sendComment } from '../ledger/artifact-comments.ts';
import { type ArtifactToWrite, noteWritten } from '../ledger/artifact-writing.ts';
import { makeSure } from './make-sure.ts';
import { noteUnchanged } from './mark-artifacts.ts';
import type { EnrichedPipeline, EnrichParts } from './parts.ts';

/** Asked again after half as long as has passed, within these. */
const SOONEST_MS = 1_000;
const LATEST_MS = 60_000;

/**
 * Writes comments, each once: none can be taken back. What is there is read before, and one whose acknowledgement was lost is written again only when
 * it can hardly come in any more. Throws `Throttled`, with when to come back, while that is not so.
 */
export async function commentArtifacts(
  parts: EnrichParts,
  pipeline: EnrichedPipeline,
  items: readonly ArtifactToWrite[],
  signal: AbortSignal,
): Promise<void> {
  const { comments } = pipeline.store;
  if (comments === undefined) return;
  let soonestMs: number | null = null;
  for (const item of items) {
    const { comment } = item.work;
    if (comment === undefined) continue;
    const outcome = await commentOn(parts, pipeline, comments, { item, comment }, signal);
    if (outcome.kind === 'wait') {
      soonestMs = Math.min(outcome.retryAfterMs, soonestMs ?? outcome.retryAfterMs);
      continue;
    }
    if (outcome.kind === 'unchanged') {
      await noteUnchanged(parts, pipeline, [item], await makeSure(pipeline.store, [item], [outcome.unchanged], signal));
      continue;
    }
    const isCounted = outcome.kind === 'written';
    await noteWritten(parts.ledger, pipeline.name, [item], 'comment', { now: parts.now(), isCounted });
    progressed({ commented: 1 });
  }
  if (soonestMs !== null) {
    throw new Fault(
      'Throttled',
      'Comments whose acknowledgement was lost may still come in: they are looked for before they are written again.',
      {
        retryAfterMs: soonestMs,
        isOurs: true,
      },
    );
  }
}

type Outcome =
  | { readonly kind: 'written' }
  /** It is there already, or written on behalf of another artifact. */
  | { readonly kind: 'there' }
  | { readonly kind: 'wait'; readonly retryAfterMs: number }
  | { readonly kind: 'unchanged'; readonly unchanged: Unchanged };

async function commentOn(
  parts: EnrichParts,
  { name }: EnrichedPipeline,
  comments: ArtifactComments,
  { item, comment }: { readonly item: ArtifactToWrite; readonly comment: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const { ledger, now } = parts;
  const key = comments.key(item);
  const plan = { key, verdict: item.verdict, text: comment, writtenBy: item.id };
  const kept = await planComment(ledger, name, plan);
  if (kept.verdict === item.verdict && (kept.state === 'written' || kept.writtenBy !== item.id))
    return { kind: 'there' };
  let mine = kept;
  const there = await readOrDeclined(comments, item, signal);
  if ('kind' in there) return { kind: 'unchanged', unchanged: there };
  if (kept.state === 'sent') {
    const isThere = there.includes(kept.text);
    const leftMs = isThere ? 0 : stillOnItsWayMs(kept, comments.graceMs, now());
    if (leftMs > 0) return { kind: 'wait', retryAfterMs: leftMs };
    if (isThere) await noteComment(ledger, name, kept, { state: 'written' });
    if (isThere && kept.verdict === item.verdict) return { kind: 'written' };
    if (!isThere) await dropComment(ledger, name, kept);
    mine = await planComment(ledger, name, plan);
  } else if (isLast(there, item.verdict)) {
    // Of a ledger that was lost, or of another pipeline.
    await noteComment(ledger, name, mine, { state: 'written' });
    return { kind: 'there' };
  }
  // As it was planned first: whoever looks for it looks for that text.
  const { text } = mine;
  let isOnItsWay = false;
  try {
    const unchanged = await comments.add(item, text, signal, async () => {
      isOnItsWay = await sendComment(ledger, name, mine, now());
      if (!isOnItsWay) throw new Fault('Throttled', SENT_BY_ANOTHER, { retryAfterMs: SOONEST_MS, isOurs: true });
    });
    if (unchanged !== null) {
      await dropComment(ledger, name, mine);
      return { kind: 'unchanged', unchanged };
    }
  } catch (error) {
    if (!isOnItsWay) throw error;
    // Any other fault is an answer: it was not taken.
    if (error instanceof Fault && error.kind !== 'Unavailable') await dropComment(ledger, name, mine);
    else await noteComment(ledger, name, mine, { endedAt: now() });
    throw error;
  }
  await noteComment(ledger, name, mine, { state: 'written' });
  return { kind: 'written' };
}

const SENT_BY_ANOTHER =
  'A comment is being written by another run at the same time: it is looked for before it is written again.';

/** What a TIP does not even answer a question about is not commented on. */
async function readOrDeclined(
  comments: ArtifactComments,
  item: ArtifactToWrite,
  signal: AbortSignal,
): Promise<readonly string[] | Unchanged> {
  try {
    return await comments.read(item, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'Rejected') throw error;
    return { remoteId: item.remoteId, kind: 'refused', reason: error.message.replace(/\.$/, '') };
  }
}

/** One without a known end may have gone on for as long as any request. */
function stillOnItsWayMs({ sentAt, endedAt }: KeptComment, graceMs: number, now: Date): number {
  const ended = (endedAt ?? sentAt ?? now).getTime();
  const leftMs = ended + graceMs - now.getTime();
  const soon = Math.min(LATEST_MS, Math.max(SOONEST_MS, (now.getTime() - ended) / 2));
  return leftMs <= 0 ? 0 : Math.ceil(Math.min(leftMs, soon));
}

/** Whether the verdict is the only one of ours that is told: which of several is the newest, a list need not say. */
function isLast(texts: readonly string[], verdict: string): boolean {
  const told = new Set(texts.flatMap((text) => text.match(/\[mdti-sync: [^[\]]*\]/g) ?? []));
  return told.size === 1 && told.has(commentMarker(verdict));
}
