import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

export type HostKey =
  | { readonly type: 'ipv4'; readonly value: string }
  | { readonly type: 'ipv6'; readonly value: string }
  | { readonly type: 'domain'; readonly value: string };

export type HostResult = { readonly ok: true; readonly key: HostKey } | { readonly ok: false; readonly reason: string };

/** Underscores are no host names by the letter, but DNS and indicators have them. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * An address or a domain in its one canonical form: lower case, punycode, no trailing dot, IPv6 compressed as RFC 5952 has it.
 * An IPv4 address in IPv6 clothes is the IPv4 address. The text is refanged already.
 */
export function canonicalHost(text: string): HostResult {
  const address = canonicalAddress(text);
  return address ?? canonicalDomain(text);
}

/** Null when the text does not look like an address. */
function canonicalAddress(text: string): HostResult | null {
  const bare = text.replace(/^\[(.*)\](?::\d{1,5})?$/, '$1');
  const [host = '', suffix] = splitSuffix(bare);
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) {
    if (suffix !== undefined && suffix !== '32')
      return { ok: false, reason: `a network (/${suffix}) is not an indicator` };
    return { ok: true, key: { type: 'ipv4', value: ipaddr.IPv4.parse(host).toString() } };
  }
  if (!host.includes(':')) return null;
  if (!ipaddr.IPv6.isValid(host) || host.includes('%')) return { ok: false, reason: 'not a valid IPv6 address' };
  if (suffix !== undefined && suffix !== '128')
    return { ok: false, reason: `a network (/${suffix}) is not an indicator` };
  const parsed = ipaddr.IPv6.parse(host);
  if (parsed.isIPv4MappedAddress())
    return { ok: true, key: { type: 'ipv4', value: parsed.toIPv4Address().toString() } };
  return { ok: true, key: { type: 'ipv6', value: parsed.toRFC5952String() } };
}

/** `1.2.3.4/32` and `1.2.3.4:443` give the address and, where it has one, the prefix length. */
function splitSuffix(text: string): readonly [string, string | undefined] {
  const network = /^(.+)\/(\d{1,3})$/.exec(text);
  if (network !== null) return [network[1] ?? '', network[2]];
  const port = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text);
  return [port?.[1] ?? text, undefined];
}

function canonicalDomain(text: string): HostResult {
  const wanted = text
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  // The ASCII route is for speed and for underscores, which the IDN route may refuse.
  const ascii = /^[\x21-\x7e]*$/.test(wanted) ? wanted : domainToASCII(wanted);
  if (ascii === '') return { ok: false, reason: 'not a valid domain name' };
  if (ascii.length > 253) return { ok: false, reason: 'longer than a domain name can be' };
  const labels = ascii.split('.');
  if (labels.length < 2) return { ok: false, reason: 'a domain name needs at least one dot' };
  if (!labels.every((label) => LABEL.test(label))) return { ok: false, reason: 'not a valid domain name' };
  if (/^\d+$/.test(labels.at(-1) ?? '')) return { ok: false, reason: 'neither an IP address nor a domain name' };
  return { ok: true, key: { type: 'domain', value: ascii } };
}
