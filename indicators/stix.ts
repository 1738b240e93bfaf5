import type { Indicator, Threat, Tlp } from './indicator.ts';
import type { Verdict } from './reputation.ts';
import { indicatorId, openCtiIndicatorId } from './stix-ids.ts';
import { type MarkingSet, markingRef } from './stix-markings.ts';
import { stixPattern } from './stix-observable.ts';
import { openCtiExtensions } from './stix-opencti.ts';
import { type Producer, producerId } from './stix-producer.ts';
import { describedBy, labelsOf, referencesOf, type StixReference, sureness } from './stix-reputation.ts';
import { laterThan, nextModified, realBeginning, stixTime } from './stix-time.ts';

/** `indicator_types` of STIX 2.1, where it is not plain `malicious-activity`. */
const TYPES: Readonly<Partial<Record<Threat, readonly string[]>>> = {
  compromised: ['compromised'],
  apt: ['malicious-activity', 'attribution'],
  proxy: ['anonymization'],
  tor: ['anonymization'],
  suspicious: ['anomalous-activity'],
};

/** What one destination wants of every object. */
export interface StixDialect {
  readonly producer: Producer;
  /** For OpenCTI: ids by its rule, and its extension with the score and the observable's type. */
  readonly isForOpenCti: boolean;
  readonly markings: MarkingSet;
  /** The marking of what has none of its own. */
  readonly tlpDefault: Tlp;
}

/** Which version of an object it is. Times are ISO 8601 in UTC. */
export interface StixVersion {
  /** How often the indicator has been revoked before. OpenCTI's rule knows no generations: there the same id comes back. */
  readonly generation: number;
  /** When the first version under this id was made: the same in all of them. */
  readonly created: string;
  /** `modified` of the version before; null for the first. */
  readonly previous: string | null;
  readonly now: string;
}

/** An indicator object of STIX 2.1 (section 4.7), JSON only. */
export interface StixIndicator {
  readonly type: 'indicator';
  readonly spec_version: '2.1';
  readonly id: string;
  readonly created_by_ref: string;
  readonly created: string;
  readonly modified: string;
  readonly name: string;
  readonly description?: string;
  readonly indicator_types: readonly string[];
  readonly pattern: string;
  readonly pattern_type: 'stix';
  readonly valid_from: string;
  readonly valid_until?: string;
  readonly confidence?: number;
  readonly labels?: readonly string[];
  readonly external_references?: readonly StixReference[];
  readonly revoked: boolean;
  readonly object_marking_refs: readonly string[];
  readonly extensions?: ReturnType<typeof openCtiExtensions>;
}

/** The indicator as a STIX object that stands, even if the source has ended it since: for one that does not, see `withdrawnStix`. */
export function stixIndicator(
  { indicator, verdict }: { readonly indicator: Indicator; readonly verdict: Verdict },
  { producer, isForOpenCti, markings, tlpDefault }: StixDialect,
  { generation, created, previous, now }: StixVersion,
): StixIndicator {
  const { key, facts } = indicator;
  const pattern = stixPattern(key);
  const validFrom = stixTime(realBeginning(facts.validFrom) ?? created);
  const modified = nextModified(now, previous);
  const description = describedBy(indicator, verdict);
  const confidence = sureness(facts, verdict);
  const labels = labelsOf(facts, verdict);
  const references = referencesOf(verdict);
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: isForOpenCti ? openCtiIndicatorId(pattern) : indicatorId(producer.namespace, pattern, generation),
    created_by_ref: producerId(producer),
    created: stixTime(created),
    // Never before `created`, even where a clock went back.
    modified: modified < stixTime(created) ? stixTime(created) : modified,
    name: key.value,
    ...(description === null ? {} : { description }),
    indicator_types: TYPES[facts.threat] ?? ['malicious-activity'],
    pattern,
    pattern_type: 'stix',
    valid_from: validFrom,
    // What ends where it begins has ended all the same.
    ...(facts.validUntil === null ? {} : { valid_until: laterThan(validFrom, facts.validUntil) }),
    ...(confidence === null ? {} : { confidence }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(references.length === 0 ? {} : { external_references: references }),
    revoked: false,
    object_marking_refs: [markingRef(facts.tlp ?? tlpDefault, markings)],
    ...(isForOpenCti ? { extensions: openCtiExtensions(key.type, confidence) } : {}),
  };
}
