import ipaddr from 'ipaddr.js';
import { addressesOf } from './embedded-ipv4.ts';
import type { HostKey } from './host.ts';
import { suffixIn } from './suffixes.ts';

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
/** All of IPv6 that is given out to anybody (IANA, IPv6 Global Unicast Address Assignments): the rest belongs to networks, or to nobody. */
const GIVEN_OUT = ipaddr.parseCIDR('2000::/3');
/** NAT64 of one network's own (RFC 8215): whatever it carries, it leads nowhere else. */
const OWN_NAT64 = ipaddr.parseCIDR('64:ff9b:1::/48');

/** Whether an address or a name leads nowhere that others could reach: private, of a standard's examples, or given out to nobody. */
export function isReservedHost({ type, value }: HostKey): boolean {
  return type === 'domain'
    ? suffixIn(value, (suffix) => RESERVED_DOMAINS.has(suffix)) !== null
    : addressesOf(value).some(isReserved);
}

function isReserved(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const range = address.range();
  if (TRANSITION.has(range)) return isWithin(address, OWN_NAT64);
  return range !== 'unicast' || (address.kind() === 'ipv6' && !isWithin(address, GIVEN_OUT));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
