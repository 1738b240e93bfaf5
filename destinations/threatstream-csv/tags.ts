import type { Verdict } from '../../indicators/reputation.ts';
import { bandOf } from '../../indicators/score-band.ts';
import { excerpt } from '../../indicators/storable-text.ts';

/** Every observable of ours has it: what lacks it came from elsewhere, and is never withdrawn. */
export const OUR_TAG = 'mdti';

/** How the tags began by which a release before named each request. */
const REQUEST_TAG = 'mdti-sync:';

export interface TagSettings {
  /** Names of MDTI's rules as tags. */
  readonly ruleTags: 'all' | 'high' | 'none';
  readonly extraTags: readonly string[];
}

/** ThreatStream publishes no limit of a tag's length; what is longer is of no use to a reader. */
const LONGEST = 200;

/** Whether tags say that an observable came from us: also from a release that named each request by a tag. */
export function areOurs(tags: readonly string[]): boolean {
  return tags.some((tag) => tag === OUR_TAG || tag.startsWith(REQUEST_TAG));
}

/**
 * Tags of one observable, sorted: ours, MDTI's classification, score band and rules, the source's own. None is of one request or one
 * observable only: they stay a few dozen.
 */
export function tagsOf(
  sourceTags: readonly string[],
  verdict: Verdict,
  { ruleTags, extraTags }: TagSettings,
): string[] {
  const names = [OUR_TAG, ...extraTags, ...sourceTags.filter((tag) => !saysOnlyTheType(tag))];
  if (verdict.kind === 'scored') {
    names.push(`mdti:${verdict.classification}`, `mdti-score:${bandOf(verdict.score)}`);
    const rules = verdict.rules.filter(
      ({ severity }) => ruleTags === 'all' || (ruleTags === 'high' && severity === 'high'),
    );
    names.push(...rules.map(({ name }) => name));
  }
  // A comma would make two of one in a CSV.
  const clean = names
    .map((name) => excerpt(name.replace(/[\s,\p{Cc}]+/gu, ' ').trim(), LONGEST).trim())
    .filter((name) => name !== '');
  return [...new Set(clean)].sort();
}

/** `type:ipv4` tells an analyst nothing new. */
function saysOnlyTheType(tag: string): boolean {
  return /^type:[a-z0-9-]+$/i.test(tag);
}
