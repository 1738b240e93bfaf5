import type { Tlp } from './indicator.ts';

export type WithoutReputation = 'deliver' | 'hold';

/** What a pipeline delivers: `pipelines.<name>.policy` of the configuration, whose lists are given beside it (`ExclusionList`). */
export interface Policy {
  /** 0 to 100. A host is delivered when its score is at or above it. */
  readonly minimumScore: number;
  readonly withoutReputation: {
    readonly hash: WithoutReputation;
    /** `by-host` decides a URL by the reputation of its host. */
    readonly url: WithoutReputation | 'by-host';
    readonly email: WithoutReputation;
    /** A host of which MDTI has no reputation. */
    readonly host: WithoutReputation;
  };
  readonly exclude: {
    readonly reservedAddresses: boolean;
    /** Hashes of empty and suchlike files. */
    readonly emptyContent: boolean;
  };
  /** Indicators above it are excluded. */
  readonly tlpCeiling: Tlp;
  /** What an indicator without a marking is taken to be. */
  readonly tlpDefault: Tlp;
}

const BY_LISTS = [
  /** Its host is an address in a listed network. */
  'listed-cidr',
  /** Its host is a listed domain, or below one. */
  'listed-domain',
  'listed-hash',
  'listed-url',
  'listed-email',
  /** Of what all its rows say, the most telling threat. */
  'listed-threat',
  /** One of its rows has the tag. */
  'listed-tag',
  'on-warning-list',
] as const;
export type ListReason = (typeof BY_LISTS)[number];

/** Why an indicator never reaches scoring. */
export type ExclusionReason =
  | ListReason
  | 'reserved-address'
  | 'empty-content'
  | 'expired'
  | 'revoked'
  | 'deleted'
  | 'inactive'
  | 'above-tlp-ceiling';

const BY_SETTINGS: ReadonlySet<string> = new Set<ExclusionReason>([
  ...BY_LISTS,
  'reserved-address',
  'empty-content',
  'above-tlp-ceiling',
]);

/** Whether an exclusion depends on the settings: they may have changed since it was written down. */
export function isBySettings(reason: string | null): boolean {
  return reason !== null && BY_SETTINGS.has(reason);
}

export type DeliverReason = 'score-at-or-above-minimum' | 'delivered-without-reputation';
export type HoldReason = 'score-below-minimum' | 'no-reputation' | 'held-without-reputation' | LookUpGivenUp;

/** Why an indicator is held without an answer of MDTI, which is set aside and asked for again: nothing is withdrawn for want of it. */
export const LOOK_UP_GIVEN_UP = [
  /** MDTI failed to answer for its host, again and again, while it answered for others. */
  'look-up-failed',
  /** MDTI answered, but not in a form that could be read. */
  'unreadable-reputation',
] as const;
export type LookUpGivenUp = (typeof LOOK_UP_GIVEN_UP)[number];

export type Decision =
  | { readonly kind: 'deliver'; readonly reason: DeliverReason; readonly score: number | null }
  | { readonly kind: 'hold'; readonly reason: HoldReason; readonly score: number | null };
