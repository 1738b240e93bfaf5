import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

export type HostKey =
  | { readonly type: 'ipv4'; readonly value: string }
  | { readonly type: 'ipv6'; readonly value: string }
  | { readonly type: 'domain'; readonly value: string };

export type HostResult = { readonly ok: true; readonly key: HostKey } | { readonly ok: false; readonly reason: string };

/** Underscores, and hyphens at an end, are no host names by the letter, but DNS resolves them and indicators have them. */
const LABEL = /^[a-z0-9_-]{1,63}$/;
const TOP_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Longer ones are not looked at; a name that is not ASCII can become shorter, but never by so much. */
const LONGEST = { address: 64, name: 1_000 } as const;
const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

export const AMBIGUOUS_IPV4 = 'an IPv4 address in a spelling that programs read as different addresses';

/**
 * An address or a domain in its one canonical form: lower case, punycode, no trailing dot, IPv6 compressed as RFC 5952 has it.
 * An IPv4 address in IPv6 clothes (`::ffff:1.2.3.4`, `::1.2.3.4`) is the IPv4 address. Refused are names of a single label, and numbers
 * that some programs would read as an address (`010.1.1.1`, `127.1`) and some would not. The text is refanged already.
 */
export function canonicalHost(text: string): HostResult {
  if (text.length > LONGEST.name) return { ok: false, reason: 'longer than a host can be' };
  if (IPV4.test(text)) return { ok: true, key: { type: 'ipv4', value: text } };
  if (text.includes(':')) return canonicalIpv6(text);
  if (PRINTABLE_ASCII.test(text)) return canonicalDomain(text.toLowerCase());
  const ascii = domainToASCII(text.toLowerCase());
  if (!IPV4.test(ascii)) return canonicalDomain(ascii);
  // It reads octal and hexadecimal numbers, too.
  return text.normalize('NFKC').replaceAll('。', '.') === ascii
    ? { ok: true, key: { type: 'ipv4', value: ascii } }
    : { ok: false, reason: AMBIGUOUS_IPV4 };
}

function canonicalIpv6(text: string): HostResult {
  const plain = withoutDots(text);
  // A zone (`%eth0`) means something on one machine only.
  if (plain === null || plain.length > LONGEST.address || plain.includes('%') || !ipaddr.IPv6.isValid(plain)) {
    return { ok: false, reason: 'not a valid IPv6 address' };
  }
  const parsed = ipaddr.IPv6.parse(plain);
  const ipv4 = parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : compatibleIpv4(parsed);
  return ipv4 === null
    ? { ok: true, key: { type: 'ipv6', value: parsed.toRFC5952String() } }
    : { ok: true, key: { type: 'ipv4', value: ipv4.toString() } };
}

/** The dotted end as two groups, since the parser takes `::1.2.3.4` for `::ffff:1.2.3.4`, and numbers with zeros before them for decimal. */
function withoutDots(text: string): string | null {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const dotted = text.slice(start);
  if (!IPV4.test(dotted)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${text.slice(0, start)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** `::1.2.3.4` (RFC 4291, section 2.5.5.1); what begins with a zero (`::1`) is no such address. */
function compatibleIpv4({ parts }: ipaddr.IPv6): ipaddr.IPv4 | null {
  const [high = 0, low = 0] = parts.slice(6);
  const isCompatible = parts.slice(0, 6).every((part) => part === 0) && high > 0xff;
  return isCompatible ? new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]) : null;
}

function canonicalDomain(text: string): HostResult {
  const value = text.endsWith('.') ? text.slice(0, -1) : text;
  if (value.length > 253) return { ok: false, reason: 'longer than a domain name can be' };
  const labels = value.split('.');
  const top = labels.at(-1) ?? '';
  if (labels[0] === '*') return { ok: false, reason: 'a wildcard, which is not one domain name' };
  if (!labels.every((label) => LABEL.test(label)) || !TOP_LABEL.test(top)) {
    return { ok: false, reason: 'not a valid domain name' };
  }
  if (labels.length < 2) return { ok: false, reason: 'not a full domain name, which has at least one dot' };
  if (/^(?:\d+|0x[\da-f]*)$/.test(top)) {
    const isAddress = ipaddr.IPv4.isValid(value);
    return { ok: false, reason: isAddress ? AMBIGUOUS_IPV4 : 'neither an IP address nor a domain name' };
  }
  return { ok: true, key: { type: 'domain', value } };
}
