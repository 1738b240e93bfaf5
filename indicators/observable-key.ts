import type { IndicatorType } from './indicator.ts';

const KEYS: Readonly<Record<string, IndicatorType>> = {
  'ipv4-addr:value': 'ipv4',
  'ipv6-addr:value': 'ipv6',
  'network-traffic:src_ref.value': 'ipv4',
  'network-traffic:dst_ref.value': 'ipv4',
  'domain-name:value': 'domain',
  'url:value': 'url',
  'email-addr:value': 'email',
  'email-message:from_ref.value': 'email',
  'email-message:sender_ref.value': 'email',
};

const HASHES: Readonly<Record<string, IndicatorType>> = { md5: 'md5', sha1: 'sha1', sha256: 'sha256' };

/**
 * The type that an ObservableKey of Sentinel, or an object path of a STIX pattern, stands for: `ipv4-addr:value`,
 * `file:hashes.'SHA-256'`, `file:hashes.MD5`, … Null for what is not moved, such as certificates and mutexes. (Source: the
 * migration query of Microsoft's "Work with STIX objects" page, and the STIX 2.1 object paths.)
 */
export function typeOfKey(key: string): IndicatorType | null {
  const known = KEYS[key];
  if (known !== undefined) return known;
  const hash = /^(?:file|artifact):hashes(?:\.|\[)['"]?([A-Za-z0-9-]+)['"]?\]?$/.exec(key);
  return hash === null ? null : (HASHES[(hash[1] ?? '').toLowerCase().replace('-', '')] ?? null);
}
