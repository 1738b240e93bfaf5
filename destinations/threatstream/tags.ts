import { createHash } from 'node:crypto';
import type { Verdict } from '../../indicators/reputation.ts';
import { excerpt } from '../../indicators/storable-text.ts';
import { MARKER_PREFIX } from '../destination.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** Every observable of ours has it: what lacks it came from elsewhere, and is never changed. */
export const OUR_TAG = 'mdti';

/** ThreatStream publishes no limit of a tag's length; what is longer is of no use to a reader. */
const LONGEST = 200;

/** Whether tags say that an observable came from us. */
export function areOurs(tags: readonly string[]): boolean {
  return tags.some((tag) => tag === OUR_TAG || isMarker(tag));
}

/** Whether a tag names one of our shipments: it is seen by the own organisation only. */
export function isMarker(tag: string): boolean {
  return tag.startsWith(MARKER_PREFIX);
}

/**
 * The tag that names a shipment where a tag has no TLP and so may be seen by others: it tells them nothing. Tags of a direct write's
 * objects are plain texts (Splunk SOAR sends them so), and a tag without a TLP is public (API reference).
 */
export function openMarker(marker: string): string {
  return `${MARKER_PREFIX}${createHash('sha256').update(marker).digest('base64url').slice(0, 16)}`;
}

/** Tags of one observable, sorted: ours, MDTI's classification and rules, the source's own. */
export function tagsOf(
  sourceTags: readonly string[],
  verdict: Verdict,
  { ruleTags, extraTags }: Pick<ResolvedSettings, 'ruleTags' | 'extraTags'>,
): string[] {
  const names = [OUR_TAG, ...extraTags, ...sourceTags.filter((tag) => !saysOnlyTheType(tag))];
  if (verdict.kind === 'scored') {
    names.push(`mdti:${verdict.classification}`);
    const rules = verdict.rules.filter(
      ({ severity }) => ruleTags === 'all' || (ruleTags === 'high' && severity === 'high'),
    );
    names.push(...rules.map(({ name }) => name));
  }
  const clean = names
    .map((name) => excerpt(name.replace(/[\s\p{Cc}]+/gu, ' ').trim(), LONGEST).trim())
    .filter((name) => name !== '');
  return [...new Set(clean)].sort();
}

/** `type:ipv4` tells an analyst nothing new, and would only split requests. */
function saysOnlyTheType(tag: string): boolean {
  return /^type:[a-z0-9-]+$/i.test(tag);
}
