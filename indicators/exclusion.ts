import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { embeddedIpv4 } from './embedded-ipv4.ts';
import { type Indicator, TLP_LEVELS } from './indicator.ts';
import type { ExclusionReason, Policy } from './policy.ts';
import { hostOf } from './url.ts';

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Names that never leave a network or that standards keep for examples (RFC 2606, RFC 6761, RFC 6762, RFC 8375, ICANN's
 * `internal`). `onion` is special-use too, but a real place: it stays.
 */
const RESERVED_DOMAINS: ReadonlySet<string> = new Set([
  'localhost',
  'local',
  'internal',
  'test',
  'example',
  'invalid',
  'home.arpa',
]);

/** IPv6 ranges that only carry an IPv4 address through, so that it decides; all others that are not plain unicast are reserved. */
const TRANSITION: ReadonlySet<string> = new Set(['6to4', 'teredo', 'rfc6052', 'rfc6145']);
/** NAT64 of one network's own (RFC 8215), and what is left of the IPv4-compatible addresses. */
const NEVER_PUBLIC: readonly Network[] = [ipaddr.parseCIDR('64:ff9b:1::/48'), ipaddr.parseCIDR('::/96')];

/**
 * Compiles the policy's lists once. The answer is null for an indicator that may go on to be scored; of several reasons, the
 * source's own (ended, expired) come first.
 *
 * @throws Error when a CIDR of the policy is not one.
 */
export function createExclusion(policy: Policy): (indicator: Indicator, now: Date) => ExclusionReason | null {
  const networks = policy.exclude.cidrs.map(parseNetwork);
  const listed = new Set(policy.exclude.domains.map(asSuffix));
  const ceiling = TLP_LEVELS.indexOf(policy.tlpCeiling);

  return ({ key, facts }, now) => {
    if (facts.ended !== null) return facts.ended;
    if (facts.validUntil !== null && Date.parse(facts.validUntil) <= now.getTime()) return 'expired';
    if (TLP_LEVELS.indexOf(facts.tlp ?? policy.tlpDefault) > ceiling) return 'above-tlp-ceiling';
    const host = hostOf(key);
    if (host === null) return null;
    if (host.type === 'domain') {
      if (policy.exclude.reservedAddresses && isBelow(host.value, RESERVED_DOMAINS)) return 'reserved-address';
      return isBelow(host.value, listed) ? 'listed-domain' : null;
    }
    if (!policy.exclude.reservedAddresses && networks.length === 0) return null;
    const addresses = withEmbedded(ipaddr.parse(host.value));
    if (policy.exclude.reservedAddresses && addresses.some(isReserved)) return 'reserved-address';
    return addresses.some((address) => isWithin(address, networks)) ? 'listed-cidr' : null;
  };
}

/** A bare address is the network of itself, and one of IPv4 in IPv6 clothes one of IPv4, as the indicators are. */
function parseNetwork(text: string): Network {
  const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : alone(ipaddr.parse(text));
  const isMapped = address instanceof ipaddr.IPv6 && bits >= 96 && address.isIPv4MappedAddress();
  return isMapped ? [address.toIPv4Address(), bits - 96] : [address, bits];
}

function alone(address: ipaddr.IPv4 | ipaddr.IPv6): Network {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** An IPv6 address leads to the IPv4 addresses that it carries, too. */
function withEmbedded(address: ipaddr.IPv4 | ipaddr.IPv6): readonly (ipaddr.IPv4 | ipaddr.IPv6)[] {
  return address instanceof ipaddr.IPv6 ? [address, ...embeddedIpv4(address, address.range())] : [address];
}

/** `*.Bücher.de.`, `.bücher.de` and `bücher.de` are one. */
function asSuffix(text: string): string {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^\*?\.|\.$/g, '');
  return domainToASCII(bare) || bare;
}

function isReserved(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const range = address.range();
  return (range !== 'unicast' && !TRANSITION.has(range)) || isWithin(address, NEVER_PUBLIC);
}

/** The domain itself, or anything below it: at label boundaries only. */
function isBelow(domain: string, suffixes: ReadonlySet<string>): boolean {
  for (let rest = domain; suffixes.size > 0; ) {
    if (suffixes.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot === -1) return false;
    rest = rest.slice(dot + 1);
  }
  return false;
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly Network[]): boolean {
  return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}
