import { canonicalKey } from './canonical.ts';
import type { IndicatorKey, IndicatorType } from './indicator.ts';
import { hostOf } from './url.ts';

/** What a TIP holds an artifact for. A host is behind the first five; `other` is anything else. */
export const ARTIFACT_TYPES = ['ipv4', 'ipv6', 'domain', 'url', 'email', 'hash', 'other'] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

/** Why no reputation is looked up for an artifact: MDTI has none of hashes, there is no host in it, or its host is not to be looked up. */
export type WithoutHost = 'hash' | 'no-host' | 'excluded';

/** Whose reputation is looked up for an artifact, if anybody's. */
export type Subject =
  | { readonly kind: 'host'; readonly host: string; readonly key: IndicatorKey }
  | { readonly kind: Exclude<WithoutHost, 'excluded'> };

/** Of an address or a domain itself, of a URL its host, of an e-mail address its domain; defanged forms are read as meant. */
export function subjectOf(type: ArtifactType, value: string): Subject {
  if (type === 'hash') return { kind: 'hash' };
  if (type === 'other') return { kind: 'no-host' };
  const read = canonicalKey(INDICATOR[type], value);
  if (!read.ok) return { kind: 'no-host' };
  const host = hostOf(read.key);
  return host === null ? { kind: 'no-host' } : { kind: 'host', host: host.value, key: read.key };
}

const INDICATOR: Readonly<Record<Exclude<ArtifactType, 'hash' | 'other'>, IndicatorType>> = {
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  domain: 'domain',
  url: 'url',
  email: 'email',
};

/** What changes of the marks (tags, labels) of an artifact. */
export interface Remark {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What has yet to be written of an artifact; what is absent is right already, or done. */
export interface ArtifactWork {
  readonly remark?: Remark;
  /** A text. */
  readonly comment?: string;
  /** A confidence, 0 to 100. */
  readonly score?: number;
}
