import { emptyContent } from './empty-content.ts';
import type { ExclusionList } from './exclusion-list.ts';
import { type Indicator, TLP_LEVELS } from './indicator.ts';
import type { ExclusionReason, Policy } from './policy.ts';
import { isReservedHost } from './reserved-host.ts';
import { hostOf } from './url.ts';

/** The lists as they are now: files of them are read again when they have changed. */
type Lists = () => readonly ExclusionList[];

const NO_LISTS: Lists = () => [];

/**
 * What the policy and its lists exclude. The answer is null for an indicator that may go on to be scored; of several reasons, the
 * source's own (ended, expired) come first. The indicator is as merged of all its rows.
 */
export function createExclusion(
  policy: Policy,
  lists: Lists = NO_LISTS,
): (indicator: Indicator, now: Date) => ExclusionReason | null {
  const ceiling = TLP_LEVELS.indexOf(policy.tlpCeiling);

  return (indicator, now) => {
    const { key, facts } = indicator;
    if (facts.ended !== null) return facts.ended;
    if (facts.validUntil !== null && Date.parse(facts.validUntil) <= now.getTime()) return 'expired';
    if (TLP_LEVELS.indexOf(facts.tlp ?? policy.tlpDefault) > ceiling) return 'above-tlp-ceiling';
    if (policy.exclude.emptyContent && emptyContent(key) !== null) return 'empty-content';
    const host = hostOf(key);
    if (policy.exclude.reservedAddresses && host !== null && isReservedHost(host)) return 'reserved-address';
    return lists().find((list) => list.find(indicator, host) !== null)?.reason ?? null;
  };
}

/** For a person: where the entry stands that has excluded an indicator for that reason. Null where no entry has. */
export function createEntryBehind(lists: Lists): (indicator: Indicator, reason: ExclusionReason) => string | null {
  return (indicator, reason) => {
    if (reason === 'empty-content') return `the hash of ${emptyContent(indicator.key) ?? 'nothing'}`;
    const host = hostOf(indicator.key);
    for (const list of lists()) {
      const at = list.reason === reason ? list.find(indicator, host) : null;
      if (at !== null) return list.placeOf(at);
    }
    return null;
  };
}
