import { timeToScore } from './decay.ts';
import type { Indicator } from './indicator.ts';
import type { DecayRule, OpenCtiFaults } from './opencti-faults.ts';
import type { IncomingIndicator } from './pushed-object.ts';
import type { ValidPeriod } from './valid-period.ts';

/** What becomes of an indicator's score and period when it is created, or its decay begins anew. */
export type Scored = Pick<Indicator, 'score' | 'validFrom' | 'validUntil' | 'revoked' | 'decay'>;

/** What comes in with what it refers to, as far as the platform knows that. */
export interface Resolved {
  readonly input: IncomingIndicator;
  readonly scored: Scored;
  readonly markings: readonly string[];
  readonly createdBy: string | null;
  /** Of the markings of an indicator, those that it keeps. */
  readonly strictest: (markings: readonly string[]) => string[];
}

/** An active decay rule replaces the end that was sent. (Source: OpenCTI, modules/indicator/indicator-domain, `addIndicator`.) */
export function scoredBy(rule: DecayRule | null, score: number, { from, until, revoked }: ValidPeriod): Scored {
  if (rule === null || revoked) return { score, validFrom: from, validUntil: until, revoked, decay: null };
  return {
    score,
    validFrom: from,
    validUntil: from + timeToScore(score, rule.revokeScore, rule),
    revoked,
    decay: { rule, baseScore: score, baseScoreDate: from, setByUs: [score] },
  };
}

/**
 * What an update makes of what is held. (Source: OpenCTI, utils/upsert-utils.) A source of lower confidence fills what is empty, and adds
 * labels; a value that is not sent is not emptied.
 */
export function changed(held: Indicator, resolved: Resolved, now: number, faults: OpenCtiFaults): Indicator {
  const { input } = resolved;
  const { userConfidence, rivalConfidence, labelsAndMarkings } = faults;
  const confidence = Math.min(userConfidence, input.confidence ?? userConfidence);
  const existing = Math.max(held.confidence, rivalConfidence ?? 0);
  const replaces = labelsAndMarkings === 'replace';
  const described = held.description ?? input.description;
  const known: Indicator = {
    ...held,
    stixIds: union(held.stixIds, input.stixId === held.standardId ? [] : [input.stixId]),
    labels: replaces ? [...input.labels] : union(held.labels, input.labels),
    description: described,
    createdBy: held.createdBy ?? resolved.createdBy,
    markings: held.markings.length === 0 ? [...resolved.markings] : held.markings,
    created: Math.min(held.created, input.created ?? held.created),
  };
  if (confidence < existing) return touched(held, known, now);
  const next: Indicator = {
    ...known,
    ...rescored(held, resolved.scored),
    name: input.name,
    description: input.description ?? described,
    indicatorTypes: union(held.indicatorTypes, input.indicatorTypes),
    detection: input.detection,
    mainObservableType: input.mainObservableType,
    confidence,
    createdBy: confidence > existing ? (resolved.createdBy ?? held.createdBy) : known.createdBy,
    markings: replaces ? [...resolved.markings] : resolved.strictest(union(known.markings, resolved.markings)),
  };
  return touched(held, next, now);
}

/** Score, period and decay after an update: under a decay rule an update may be passed over. (Source: as of `passesOver` in the faults.) */
function rescored({ score, validFrom, validUntil, revoked, decay }: Indicator, next: Scored): Scored {
  const kept: Scored = { score, validFrom, validUntil, revoked, decay };
  if (decay === null) return next;
  const startsTheSame = next.decay !== null && next.decay.baseScore === decay.baseScore;
  const wasSetByUs = next.score !== 0 && decay.setByUs.includes(next.score);
  const { passesOver } = decay.rule;
  if (passesOver === 'source' ? wasSetByUs || (startsTheSame && score === decay.baseScore) : startsTheSame) return kept;
  return { ...next, decay: { ...(next.decay ?? decay), setByUs: [...decay.setByUs, ...(next.decay?.setByUs ?? [])] } };
}

function touched(held: Indicator, next: Indicator, now: number): Indicator {
  return JSON.stringify(held) === JSON.stringify(next) ? held : { ...next, updatedAt: now };
}

function union(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...some, ...others])];
}
