import type { EnrichedPipeline } from '../enrichment/parts.ts';
import { judgeArtifact } from '../indicators/judge-artifact.ts';
import { givenUpSentence } from '../indicators/look-up-effort.ts';
import type { Reputation } from '../indicators/reputation.ts';
import { keptComments } from '../ledger/artifact-comments.ts';
import {
  type ArtifactToJudge,
  artifactsToJudge,
  type JudgedArtifact,
  writeJudgements,
} from '../ledger/artifact-judging.ts';
import { lookUpHosts } from './look-up-hosts.ts';
import type { Parts } from './parts.ts';

export interface JudgeArtifactsInput {
  readonly pipeline: string;
  readonly part: number;
}

export interface ArtifactsJudged {
  readonly hosts: number;
  readonly lookedUp: number;
  /** Artifacts of which something is to be written. */
  readonly toWrite: number;
}

/**
 * Looks up what hosts are behind a part of the artifacts, and says what is to be written of each; those whose host's look-up was given up are set
 * aside until it is tried again.
 */
export async function judgeArtifacts(
  parts: Parts,
  { pipeline: name, part }: JudgeArtifactsInput,
): Promise<ArtifactsJudged> {
  const pipeline = parts.enriched(name);
  const items = await artifactsToJudge(parts.ledger, name, part);
  const hosts = [...new Set(items.flatMap(({ host }) => host ?? []))];
  const { known, givenUp, lookedUp } = await lookUpHosts(parts, name, hosts);
  const commented = await commentedOf(parts, pipeline, items);
  const judged: JudgedArtifact[] = [];
  for (const item of items) {
    const reputation = item.host === null ? null : known.get(item.host);
    if (reputation !== undefined) judged.push(judge(pipeline, item, reputation, commented(item), parts.now()));
  }
  const aside = items.flatMap(({ id, host }) => {
    const given = givenUp.get(host ?? '');
    return given === undefined ? [] : [{ id, reason: givenUpSentence(given.why, given.failure), dueAt: given.until }];
  });
  await writeJudgements(parts.ledger, name, judged, { aside, lookedUp, now: parts.now() });
  return { hosts: hosts.length, lookedUp, toWrite: judged.filter(({ work }) => work !== null).length };
}

function judge(
  { store, writing }: EnrichedPipeline,
  item: ArtifactToJudge,
  reputation: Reputation | null,
  commented: string | null,
  now: Date,
): JudgedArtifact {
  // To the minute: two comments on one value are never the same text.
  const at = `${now.toISOString().slice(0, 16)}Z`;
  const { verdict, wanted, work, scored } = judgeArtifact(
    Object.assign({}, item, { commented }),
    reputation,
    Object.assign({}, writing, { names: store.names, at }),
  );
  const isNothing = Object.keys(work).length === 0;
  return {
    id: item.id,
    host: item.host,
    isOurs: item.isOurs,
    marks: item.marks,
    verdict,
    wanted: wanted.toSorted(),
    work: isNothing ? null : work,
    scored,
    // Ours apart from others', of whom all may be declined.
    workKey: JSON.stringify([work.remark ?? null, item.isOurs]),
  };
}

/** The verdicts of comments that are there; where none are written, nobody asks. */
async function commentedOf(
  { ledger }: Parts,
  { name, store: { comments }, writing }: EnrichedPipeline,
  items: readonly ArtifactToJudge[],
): Promise<(item: ArtifactToJudge) => string | null> {
  if (comments === undefined || !writing.comment) return () => null;
  const keys = new Map(items.map((item) => [item.id, comments.key(item)]));
  const kept = await keptComments(ledger, name, [...new Set(keys.values())]);
  return ({ id, host, without }) => {
    // Nothing was ever said of it: what is there is about another one of the same value.
    if (host === null && without !== 'excluded') return null;
    const comment = kept.get(keys.get(id) ?? '');
    return comment?.state === 'written' ? comment.verdict : null;
  };
}
