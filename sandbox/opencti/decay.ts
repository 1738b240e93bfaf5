import type { Indicator } from './indicator.ts';
import type { DecayRule } from './opencti-faults.ts';
import { DAY } from './valid-period.ts';

const FACTOR = 3;

/** After how many milliseconds a score has fallen to another. (Source: OpenCTI, modules/decayRule, `computeTimeFromExpectedScore`.) */
export function timeToScore(base: number, score: number, { lifetimeDays, pound }: DecayRule): number {
  if (base <= score) return 0;
  return (1 - score / base) ** (FACTOR * pound) * lifetimeDays * DAY;
}

/**
 * What has become of an indicator by now: its score falls from point to point, and with the last it is revoked. (Source: OpenCTI,
 * modules/indicator/indicator-domain, `computeIndicatorDecayPatch`.)
 */
export function decayed(indicator: Indicator, now: number): Indicator {
  const { decay, score, revoked } = indicator;
  if (decay === null || revoked) return indicator;
  const next = decay.rule.points.find((point) => point < score) ?? decay.rule.revokeScore;
  if (decay.baseScoreDate + timeToScore(decay.baseScore, next, decay.rule) > now) return indicator;
  if (next <= decay.rule.revokeScore) return { ...indicator, score: next, revoked: true, detection: false };
  return decayed({ ...indicator, score: next }, now);
}
