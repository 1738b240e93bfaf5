import { isIP } from 'node:net';
import type { Artifact } from '../artifacts.ts';

/** What an attribute's value is, or the half of it that counts. */
interface HeldType {
  readonly is: 'ip' | 'domain' | 'url' | 'email' | 'hash';
  /** Of a value of two halves with `|` between them. */
  readonly half?: 'first' | 'last';
}

/**
 * Types of attributes that have a host behind them, or are a hash. Of a domain with its address the domain counts.
 * (Source: MISP 2.5.1, MispAttribute::typeDefinitions, getCompositeTypes.)
 */
export const HELD_TYPE_NAMES = [
  'ip-dst',
  'ip-src',
  'ip-dst|port',
  'ip-src|port',
  'domain',
  'domain|ip',
  'hostname',
  'hostname|port',
  'url',
  'email',
  'email-src',
  'email-dst',
  'email-reply-to',
  'md5',
  'sha1',
  'sha256',
  'sha512',
  'filename|md5',
  'filename|sha1',
  'filename|sha256',
  'filename|sha512',
] as const;
type HeldTypeName = (typeof HELD_TYPE_NAMES)[number];

const HELD_TYPES: Readonly<Record<HeldTypeName, HeldType>> = {
  'ip-dst': { is: 'ip' },
  'ip-src': { is: 'ip' },
  'ip-dst|port': { is: 'ip', half: 'first' },
  'ip-src|port': { is: 'ip', half: 'first' },
  domain: { is: 'domain' },
  'domain|ip': { is: 'domain', half: 'first' },
  hostname: { is: 'domain' },
  'hostname|port': { is: 'domain', half: 'first' },
  url: { is: 'url' },
  email: { is: 'email' },
  'email-src': { is: 'email' },
  'email-dst': { is: 'email' },
  'email-reply-to': { is: 'email' },
  md5: { is: 'hash' },
  sha1: { is: 'hash' },
  sha256: { is: 'hash' },
  sha512: { is: 'hash' },
  'filename|md5': { is: 'hash', half: 'last' },
  'filename|sha1': { is: 'hash', half: 'last' },
  'filename|sha256': { is: 'hash', half: 'last' },
  'filename|sha512': { is: 'hash', half: 'last' },
};

const BY_NAME: ReadonlyMap<string, HeldType> = new Map(Object.entries(HELD_TYPES));

/** What an attribute is enriched by. Of one of another type all of it is shown, and it is `other`. */
export function observableOf(name: string, shown: string): Pick<Artifact, 'type' | 'value'> {
  const known = BY_NAME.get(name);
  if (known === undefined) return { type: 'other', value: shown };
  const value = halfOf(shown, known.half);
  if (known.is !== 'ip') return { type: known.is, value };
  return { type: isIP(value) === 6 || value.includes(':') ? 'ipv6' : 'ipv4', value };
}

export function isOfTwoHalves(name: string): boolean {
  return BY_NAME.get(name)?.half !== undefined;
}

function halfOf(value: string, half: HeldType['half']): string {
  const at = half === 'last' ? value.lastIndexOf('|') : value.indexOf('|');
  if (half === undefined || at < 0) return value;
  return half === 'first' ? value.slice(0, at) : value.slice(at + 1);
}
