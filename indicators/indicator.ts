import type { Note } from './notes.ts';

/** The observable types that mdti-sync moves. Hosts are the first three: only they can have a reputation. */
export const INDICATOR_TYPES = ['ipv4', 'ipv6', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email'] as const;
export type IndicatorType = (typeof INDICATOR_TYPES)[number];

/** An indicator is keyed by its type and its canonical value (see `canonical.ts`). */
export interface IndicatorKey {
  readonly type: IndicatorType;
  readonly value: string;
}

/** Traffic Light Protocol 2.0, from the least to the most restricted. TLP 1.0 `white` is read as `clear`. */
export const TLP_LEVELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLP_LEVELS)[number];

/** What an indicator is said to be, in the terms that TIPs share. `malware` when the source does not say. */
export const THREATS = [
  'malware',
  'c2',
  'botnet',
  'phishing',
  'compromised',
  'apt',
  'exploit',
  'scanning',
  'brute-force',
  'exfiltration',
  'spam',
  'fraud',
  'ddos',
  'proxy',
  'tor',
  'cryptomining',
  'suspicious',
] as const;
export type Threat = (typeof THREATS)[number];

/** What one source row says of one indicator. Times are ISO 8601 in UTC; source times keep all seven digits as text. */
export interface Observation {
  /** The row's `Id` (new table) or `IndicatorId` (legacy). One Id may speak of several indicators. */
  readonly sourceId: string;
  readonly key: IndicatorKey;
  readonly sourceSystem: string;
  /** `TimeGenerated`, as text with all its digits, normalised so that text order is time order. */
  readonly sourceTime: string;
  /** `Modified`, likewise; null in the legacy table. */
  readonly modified: string | null;
  readonly facts: Facts;
}

/** The part of an observation that a destination would show or that decides whether it is shown. Hashed as one. */
export interface Facts {
  readonly threat: Threat;
  /** 0 to 100, or null when the source does not say. */
  readonly confidence: number | null;
  readonly validFrom: string | null;
  /** When it ends; null means never. */
  readonly validUntil: string | null;
  readonly tlp: Tlp | null;
  /** Sorted, without duplicates. */
  readonly tags: readonly string[];
  readonly description: string | null;
  /** Deleted, revoked or inactive at the source. */
  readonly ended: 'deleted' | 'revoked' | 'inactive' | null;
  /** What was read otherwise than it is written, sorted; absent for nothing. Never shown by a destination, and not hashed. */
  readonly notes?: readonly Note[];
}

/** The indicator that several observations of one key make together: what would be delivered. */
export interface Indicator {
  readonly key: IndicatorKey;
  readonly facts: Facts;
  /** The source systems that speak of it, sorted. */
  readonly sources: readonly string[];
}
