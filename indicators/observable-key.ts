import type { IndicatorType } from './indicator.ts';

export type ObservableResult =
  | { readonly ok: true; readonly type: IndicatorType }
  | { readonly ok: false; readonly reason: string };

/**
 * Object paths of STIX 2.1 as Sentinel's `ObservableKey` column has them, without quotes and in lower case. The ends of a
 * connection may be addresses or names; `canonicalKey` tells which.
 */
const TYPES: ReadonlyMap<string, IndicatorType> = new Map([
  ['ipv4-addr:value', 'ipv4'],
  ['ipv6-addr:value', 'ipv6'],
  ['network-traffic:src_ref.value', 'domain'],
  ['network-traffic:dst_ref.value', 'domain'],
  ['domain-name:value', 'domain'],
  ['url:value', 'url'],
  ['email-addr:value', 'email'],
  ['email-message:from_ref.value', 'email'],
  ['email-message:sender_ref.value', 'email'],
  ['file:hashes.md5', 'md5'],
  ['file:hashes.sha1', 'sha1'],
  ['file:hashes.sha-1', 'sha1'],
  ['file:hashes.sha256', 'sha256'],
  ['file:hashes.sha-256', 'sha256'],
]);

/** The type of indicator that an observable key speaks of; quotes and case do not matter. */
export function observableType(key: string): ObservableResult {
  const bare = plainPath(key);
  const type = TYPES.get(key) ?? TYPES.get(bare) ?? TYPES.get(bare.replace(/^file:hashes\.sha_/, 'file:hashes.sha-'));
  if (type !== undefined) return { ok: true, type };
  const shown = key.trim();
  // Only what looks like a path is repeated: anything else could be a value that slipped into the column.
  return /^[a-z0-9-]+:[a-z0-9_.'"-]{1,60}$/i.test(shown)
    ? { ok: false, reason: `observables of ${shown} are not supported` }
    : { ok: false, reason: 'the observable key is not the path of a STIX object' };
}

/** A path as it is compared: quotes, blanks and case do not matter. */
export function plainPath(key: string): string {
  return key.replace(/['"\s]/g, '').toLowerCase();
}
