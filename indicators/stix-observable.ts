import type { IndicatorKey, IndicatorType } from './indicator.ts';
import { STIX_NAMESPACE } from './stix-ids.ts';
import { uuidV5 } from './uuid-v5.ts';

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

/** `[url:value = 'http://it\'s.example/']`. */
export function stixPattern({ type, value }: IndicatorKey): string {
  return `[${PATHS[type]} = '${value.replace(/[\\']/g, '\\$&')}']`;
}

/** The id of the observable itself (an SCO): a UUIDv5 over its id-contributing properties (STIX 2.1, section 2.9). */
export function observableId({ type, value }: IndicatorKey): string {
  const hash = HASH_NAMES[type];
  const properties = hash === undefined ? { value } : { hashes: { [hash]: value } };
  const [object = ''] = PATHS[type].split(':');
  return `${object}--${uuidV5(STIX_NAMESPACE, JSON.stringify(properties))}`;
}
