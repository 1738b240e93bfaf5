import type { Indicator } from './indicator.ts';
import type { Decision, Policy, WithoutReputation } from './policy.ts';
import type { Verdict } from './reputation.ts';
import { hostOf } from './url.ts';

/** The host whose reputation decides the indicator: itself, or a URL's host when the policy says `by-host`; null for none. */
export function hostToLookUp({ key }: Indicator, policy: Policy): string | null {
  switch (key.type) {
    case 'ipv4':
    case 'ipv6':
    case 'domain':
      return key.value;
    case 'url':
      return policy.withoutReputation.url === 'by-host' ? (hostOf(key)?.value ?? null) : null;
    case 'email':
    case 'md5':
    case 'sha1':
    case 'sha256':
      return null;
  }
}

/** Whether an indicator is delivered, and why. A look-up that failed never comes here: it is not a score of 0. */
export function decide({ key }: Indicator, verdict: Verdict, policy: Policy): Decision {
  switch (verdict.kind) {
    case 'scored':
      return verdict.score >= policy.minimumScore
        ? { kind: 'deliver', reason: 'score-at-or-above-minimum', score: verdict.score }
        : { kind: 'hold', reason: 'score-below-minimum', score: verdict.score };
    case 'none':
      return policy.withoutReputation.host === 'deliver'
        ? { kind: 'deliver', reason: 'delivered-without-reputation', score: null }
        : { kind: 'hold', reason: 'no-reputation', score: null };
    case 'not-a-host':
      return ruleFor(key.type, policy) === 'deliver'
        ? { kind: 'deliver', reason: 'delivered-without-reputation', score: null }
        : { kind: 'hold', reason: 'held-without-reputation', score: null };
  }
}

function ruleFor(type: Indicator['key']['type'], { withoutReputation }: Policy): WithoutReputation {
  switch (type) {
    case 'md5':
    case 'sha1':
    case 'sha256':
      return withoutReputation.hash;
    case 'url':
      // `by-host` without a host that could be asked: nothing speaks for it.
      return withoutReputation.url === 'by-host' ? 'hold' : withoutReputation.url;
    case 'email':
      return withoutReputation.email;
    case 'ipv4':
    case 'ipv6':
    case 'domain':
      return withoutReputation.host;
  }
}
