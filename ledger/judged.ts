import { contentHash } from '../indicators/content-hash.ts';
import type { Indicator, IndicatorKey, Observation } from '../indicators/indicator.ts';
import { merge } from '../indicators/merge.ts';
import { type ExclusionReason, isBySettings } from '../indicators/policy.ts';
import { excerpt } from '../indicators/storable-text.ts';
import type { Merged } from './slice-statements.ts';

/** What the settings say of an indicator. */
export interface Judgement {
  readonly exclude: (indicator: Indicator, now: Date) => ExclusionReason | null;
  /** Where the entry stands that excludes for that reason; it is kept for a person who asks why. */
  readonly entryBehind?: (indicator: Indicator, reason: ExclusionReason) => string | null;
  readonly now: Date;
}

const LONGEST_ENTRY = 500;

/** An indicator of all that is said of it, and what the settings say to that. */
export function merged(
  key: IndicatorKey,
  sources: Parameters<typeof merge>[1],
  { exclude, entryBehind, now }: Judgement,
): Merged {
  const indicator = merge(key, sources, now);
  const exclusion = exclude(indicator, now);
  const entry = exclusion === null ? null : (entryBehind?.(indicator, exclusion) ?? null);
  return {
    indicator,
    hash: contentHash(indicator),
    exclusion,
    entry: entry === null ? null : excerpt(entry, LONGEST_ENTRY),
  };
}

/** By the settings as they are now, as far as this row goes. */
export function isExcluded({ key, facts, sourceSystem }: Observation, { exclude, now }: Judgement): boolean {
  return isBySettings(exclude({ key, facts, sources: [sourceSystem] }, now));
}
