import type { Tlp } from './indicator.ts';

export type WithoutReputation = 'deliver' | 'hold';

/** What a pipeline delivers. The same shape as `pipelines.<name>.policy` in the configuration. */
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
    /** Addresses inside these are excluded; also URLs and e-mail addresses whose host is such an address. */
    readonly cidrs: readonly string[];
    /** These domains and everything below them; also URLs and e-mail addresses at them. */
    readonly domains: readonly string[];
  };
  /** Indicators above it are excluded. */
  readonly tlpCeiling: Tlp;
  /** What an indicator without a marking is taken to be. */
  readonly tlpDefault: Tlp;
}

/** Why an indicator never reaches scoring. */
export type ExclusionReason =
  | 'reserved-address'
  | 'listed-cidr'
  | 'listed-domain'
  | 'expired'
  | 'revoked'
  | 'deleted'
  | 'inactive'
  | 'above-tlp-ceiling';

const BY_SETTINGS: ReadonlySet<string> = new Set<ExclusionReason>([
  'reserved-address',
  'listed-cidr',
  'listed-domain',
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
