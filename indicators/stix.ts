import type { Indicator, IndicatorKey, IndicatorType, Threat, Tlp } from './indicator.ts';
import { uuidV5 } from './uuid-v5.ts';

/** The namespace of deterministic ids of STIX 2.1 (section 2.9). */
const STIX_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7';

const PATHS = {
  ipv4: 'ipv4-addr:value',
  ipv6: 'ipv6-addr:value',
  domain: 'domain-name:value',
  url: 'url:value',
  email: 'email-addr:value',
  md5: 'file:hashes.MD5',
  sha1: "file:hashes.'SHA-1'",
  sha256: "file:hashes.'SHA-256'",
} as const satisfies Readonly<Record<IndicatorType, string>>;

const HASH_NAMES: Readonly<Partial<Record<IndicatorType, string>>> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' };

/** The ids that Sentinel and OpenCTI know: TLP 1.0's four, and OpenCTI's AMBER+STRICT. */
const MARKINGS = {
  clear: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
  green: 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
  amber: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  'amber+strict': 'marking-definition--826578e1-40ad-459f-bc73-ede076f81f37',
  red: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
} as const satisfies Readonly<Record<Tlp, string>>;

/** `indicator_types` of STIX 2.1, where it is not plain `malicious-activity`. */
const TYPES: Readonly<Partial<Record<Threat, readonly string[]>>> = {
  compromised: ['compromised'],
  apt: ['malicious-activity', 'attribution'],
  proxy: ['anonymization'],
  tor: ['anonymization'],
  suspicious: ['anomalous-activity'],
};

/** An indicator object of STIX 2.1 (section 4.7), JSON only. */
export interface StixIndicator {
  readonly type: 'indicator';
  readonly spec_version: '2.1';
  readonly id: string;
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
  readonly revoked: boolean;
  readonly object_marking_refs: readonly string[];
}

/**
 * The indicator as a STIX object. Its id depends on the pattern alone, by OpenCTI's rule, so that sending it again updates it.
 * Without a marking of its own it carries `tlpDefault`. `created` and `modified` are ISO 8601 in UTC.
 */
export function stixIndicator(
  { key, facts }: Indicator,
  { created, modified, tlpDefault }: { readonly created: string; readonly modified: string; readonly tlpDefault: Tlp },
): StixIndicator {
  const pattern = stixPattern(key);
  const validFrom = facts.validFrom ?? created;
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuidV5(STIX_NAMESPACE, JSON.stringify({ pattern }))}`,
    created,
    modified,
    name: key.value,
    ...(facts.description === null ? {} : { description: facts.description }),
    indicator_types: TYPES[facts.threat] ?? ['malicious-activity'],
    pattern,
    pattern_type: 'stix',
    valid_from: validFrom,
    // The specification wants it later than `valid_from`.
    ...(facts.validUntil === null || facts.validUntil <= validFrom ? {} : { valid_until: facts.validUntil }),
    ...(facts.confidence === null ? {} : { confidence: facts.confidence }),
    ...(facts.tags.length === 0 ? {} : { labels: facts.tags }),
    revoked: facts.ended !== null,
    object_marking_refs: [MARKINGS[facts.tlp ?? tlpDefault]],
  };
}

/** `[url:value = 'http://it\'s.example/']`. */
export function stixPattern({ type, value }: IndicatorKey): string {
  return `[${PATHS[type]} = '${value.replace(/[\\']/g, '\\$&')}']`;
}

/** The id of the observable itself (an SCO): a UUIDv5 over its id-contributing properties (section 2.9). */
export function observableId({ type, value }: IndicatorKey): string {
  const hash = HASH_NAMES[type];
  const properties = hash === undefined ? { value } : { hashes: { [hash]: value } };
  const [object = ''] = PATHS[type].split(':');
  return `${object}--${uuidV5(STIX_NAMESPACE, JSON.stringify(properties))}`;
}
