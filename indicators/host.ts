import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

export type HostKey =
  | { readonly type: 'ipv4'; readonly value: string }
  | { readonly type: 'ipv6'; readonly value: string }
  | { readonly type: 'domain'; readonly value: string };

export type HostResult = { readonly ok: true; readonly key: HostKey } | { readonly ok: false; readonly reason: string };

/** Underscores are no host names by the letter, but DNS and indicators have them. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Longer ones are not looked at; a name that is not ASCII can become shorter, but never by so much. */
const LONGEST = { address: 64, name: 1_000 } as const;
const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

/**
 * An address or a domain in its one canonical form: lower case, punycode, no trailing dot, IPv6 compressed as RFC 5952 has it.
 * An IPv4 address in IPv6 clothes is the IPv4 address. Refused are names of a single label, and numbers that some programs
 * would read as an address (`010.1.1.1`, `127.1`) and some would not. The text is refanged already.
 */
export function canonicalHost(text: string): HostResult {
  if (text.length > LONGEST.name) return { ok: false, reason: 'longer than a host can be' };
  if (IPV4.test(text)) return { ok: true, key: { type: 'ipv4', value: text } };
  if (text.includes(':')) return canonicalIpv6(text);
  if (PRINTABLE_ASCII.test(text)) return canonicalDomain(text.toLowerCase());
  const ascii = domainToASCII(text.toLowerCase());
  return IPV4.test(ascii) ? { ok: true, key: { type: 'ipv4', value: ascii } } : canonicalDomain(ascii);
}

function canonicalIpv6(text: string): HostResult {
  // A zone (`%eth0`) means something on one machine only.
  if (text.length > LONGEST.address || text.includes('%') || !ipaddr.IPv6.isValid(text))
    return { ok: false, reason: 'not a valid IPv6 address' };
  const parsed = ipaddr.IPv6.parse(text);
  return parsed.isIPv4MappedAddress()
    ? { ok: true, key: { type: 'ipv4', value: parsed.toIPv4Address().toString() } }
    : { ok: true, key: { type: 'ipv6', value: parsed.toRFC5952String() } };
}

function canonicalDomain(text: string): HostResult {
  const value = text.endsWith('.') ? text.slice(0, -1) : text;
  if (value.length > 253) return { ok: false, reason: 'longer than a domain name can be' };
  const labels = value.split('.');
  if (labels[0] === '*') return { ok: false, reason: 'a wildcard, which is not one domain name' };
  if (!labels.every((label) => LABEL.test(label))) return { ok: false, reason: 'not a valid domain name' };
  if (labels.length < 2) return { ok: false, reason: 'not a full domain name, which has at least one dot' };
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? '')) {
    return { ok: false, reason: 'neither an IP address nor a domain name' };
  }
  return { ok: true, key: { type: 'domain', value } };
}
