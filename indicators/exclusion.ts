import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { type Indicator, TLP_LEVELS } from './indicator.ts';
import type { ExclusionReason, Policy } from './policy.ts';
import { hostOf } from './url.ts';

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

/** IPv6 ranges that only carry a public IPv4 address through; all others that are not plain unicast are reserved. */
const TRANSITION: ReadonlySet<string> = new Set(['6to4', 'teredo', 'rfc6052', 'rfc6145']);

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

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
    const address = ipaddr.parse(host.value);
    if (policy.exclude.reservedAddresses && isReserved(address)) return 'reserved-address';
    return networks.some(([network, bits]) => isInside(address, network, bits)) ? 'listed-cidr' : null;
  };
}

/** A bare address is the network of itself. */
function parseNetwork(text: string): Network {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
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
  return range !== 'unicast' && !TRANSITION.has(range);
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

function isInside(address: ipaddr.IPv4 | ipaddr.IPv6, network: ipaddr.IPv4 | ipaddr.IPv6, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
