import type { ArtifactWork, Remark } from './artifact.ts';
import type { Reputation, Score } from './reputation.ts';
import { bandOf } from './score-band.ts';
import { excerpt } from './storable-text.ts';

/** What is written back, and from which score on. */
export interface Writing {
  /** 0 to 100: below it nothing is written, and what was written before is taken back. */
  readonly minimumScore: number;
  readonly tags: boolean;
  readonly comment: boolean;
  readonly score: boolean;
}

/** How a TIP's marks say what MDTI holds of a host, each in a family of a few, of which at most one is right. */
export interface MarkNames {
  of(score: Pick<Score, 'classification' | 'score'>): readonly string[];
  /** Whether a mark is of one of the families. */
  has(mark: string): boolean;
}

/** What is known of an artifact that is judged. */
export interface Judgeable {
  /** The marks that it shows and that only our organisation sees. */
  readonly marks: readonly string[];
  readonly isOurs: boolean;
  /** The confidence that it shows, that we have set last, or tried to, and what it was before. */
  readonly score: number | null;
  readonly scored: number | null;
  readonly scoreBefore: number | null;
  /** Nobody knows whether the one that we have tried to set was taken. */
  readonly isUnset?: boolean;
  /** The verdict of the last comment on it; null when there is none. */
  readonly commented: string | null;
}

export interface Judgement {
  /** `malicious 75-89`, `below`, or `none`: it changes when, and only when, what analysts are told does. */
  readonly verdict: string;
  /** The marks of ours that it is to show; those that it shows where none are written. */
  readonly wanted: readonly string[];
  /** Empty when all is right. */
  readonly work: ArtifactWork;
  /** The confidence of ours that it is to have instead of another one; null when that stays as it is, or is taken back. */
  readonly scored: number | null;
}

/**
 * What an artifact is to show for a reputation, and what has to be written for that. Null stands for an artifact whose reputation is not asked
 * for: what was written of it before is taken back. `at` is when, as comments say it.
 */
export function judgeArtifact(
  artifact: Judgeable,
  reputation: Reputation | null,
  { names, at, ...writing }: Writing & { readonly names: MarkNames; readonly at: string },
): Judgement {
  const shown = reputation?.kind === 'scored' && reputation.score >= writing.minimumScore ? reputation : null;
  // Another pipeline may have written what this one is not to write.
  const wanted = writing.tags ? (shown === null ? [] : names.of(shown)) : artifact.marks;
  const verdict = verdictOf(reputation, writing);
  const remark = differenceOf(artifact.marks, wanted, names);
  const score = writing.score ? scoreToSet(artifact, shown?.score ?? null) : null;
  const isNews = writing.comment && verdict !== artifact.commented && (shown !== null || artifact.commented !== null);
  return {
    verdict,
    wanted,
    work: {
      ...(remark.add.length + remark.remove.length === 0 ? {} : { remark }),
      ...(isNews ? { comment: commentOf(reputation, verdict, writing, at) } : {}),
      ...(score === null ? {} : { score }),
    },
    scored: shown === null ? null : score,
  };
}

/** How comments of ours are known, whatever else they say. */
export function commentMarker(verdict: string): string {
  return `[mdti-sync: ${verdict}]`;
}

function verdictOf(reputation: Reputation | null, { minimumScore }: Writing): string {
  if (reputation === null || reputation.kind === 'none') return 'none';
  if (reputation.score < minimumScore) return 'below';
  return `${wordOf(reputation.classification)} ${bandOf(reputation.score)}`.trim();
}

const LONGEST = 100;

/** As it can stand in a marker. */
function wordOf(classification: string): string {
  return excerpt(classification.replace(/[\s[\]\p{Cc}]+/gu, ' ').trim(), LONGEST).trim();
}

function differenceOf(marks: readonly string[], wanted: readonly string[], names: MarkNames): Remark {
  return {
    add: wanted.filter((name) => !marks.includes(name)),
    remove: marks.filter((name) => names.has(name) && !wanted.includes(name)).toSorted(),
  };
}

/**
 * Of own copies only. What we have set is set once more where it shows what it was before, and set back once nothing is to be said any more; what
 * the TIP, or an analyst, has made of it since is their own matter.
 */
function scoreToSet(
  { isOurs, score, scored, scoreBefore, isUnset = false }: Judgeable,
  wanted: number | null,
): number | null {
  if (!isOurs) return null;
  if (wanted === null) return scored !== null && score === scored && scored !== scoreBefore ? scoreBefore : null;
  const isSet = !isUnset && scored === wanted && (score === null || score !== scoreBefore);
  return isSet || score === wanted ? null : wanted;
}

function commentOf(reputation: Reputation | null, verdict: string, { minimumScore }: Writing, at: string): string {
  return `${sentenceOf(reputation, minimumScore, at)} ${commentMarker(verdict)}`;
}

const MOST_RULES = 20;

function sentenceOf(reputation: Reputation | null, minimumScore: number, at: string): string {
  const source = `Microsoft Defender Threat Intelligence, ${at}`;
  if (reputation === null || reputation.kind === 'none') return `${source}: no reputation of it any more.`;
  const { classification, score, rules } = reputation;
  if (score < minimumScore) return `${source}: the score of it is ${score}, below ${minimumScore}.`;
  const names = [...new Set(rules.map(({ name }) => name))].slice(0, MOST_RULES);
  const because = names.length === 0 ? '' : ` Rules: ${names.join('; ')}.`;
  return `${source}: ${classification}, score ${score}.${because}`;
}
