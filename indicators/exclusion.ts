import ipaddr from 'ipaddr.js';
import { addressesOf } from './embedded-ipv4.ts';
import { emptyContent } from './empty-content.ts';
import type { ExclusionList } from './exclusion-list.ts';
import { type Indicator, TLP_LEVELS } from './indicator.ts';
import type { ExclusionReason, Policy } from './policy.ts';
import { suffixIn } from './suffixes.ts';
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
/** All of IPv6 that is given out to anybody (IANA, IPv6 Global Unicast Address Assignments): the rest belongs to networks, or to nobody. */
const GIVEN_OUT = ipaddr.parseCIDR('2000::/3');
/** NAT64 of one network's own (RFC 8215): whatever it carries, it leads nowhere else. */
const OWN_NAT64 = ipaddr.parseCIDR('64:ff9b:1::/48');

/** The lists as they are now: files of them are read again when they have changed. */
type Lists = () => readonly ExclusionList[];

const NO_LISTS: Lists = () => [];

/**
 * What the policy and its lists exclude. The answer is null for an indicator that may go on to be scored; of several reasons, the
 * source's own (ended, expired) come first. The indicator is as merged of all its rows.
 */
export function createExclusion(
  policy: Policy,
  lists: Lists = NO_LISTS,
): (indicator: Indicator, now: Date) => ExclusionReason | null {
  const ceiling = TLP_LEVELS.indexOf(policy.tlpCeiling);

  return (indicator, now) => {
    const { key, facts } = indicator;
    if (facts.ended !== null) return facts.ended;
    if (facts.validUntil !== null && Date.parse(facts.validUntil) <= now.getTime()) return 'expired';
    if (TLP_LEVELS.indexOf(facts.tlp ?? policy.tlpDefault) > ceiling) return 'above-tlp-ceiling';
    if (policy.exclude.emptyContent && emptyContent(key) !== null) return 'empty-content';
    const host = hostOf(key);
    if (policy.exclude.reservedAddresses && host !== null) {
      const isOne =
        host.type === 'domain' ? isBelow(host.value, RESERVED_DOMAINS) : addressesOf(host.value).some(isReserved);
      if (isOne) return 'reserved-address';
    }
    return lists().find((list) => list.find(indicator, host) !== null)?.reason ?? null;
  };
}

/** For a person: where the entry stands that has excluded an indicator for that reason. Null where no entry has. */
export function createEntryBehind(lists: Lists): (indicator: Indicator, reason: ExclusionReason) => string | null {
  return (indicator, reason) => {
    if (reason === 'empty-content') return `the hash of ${emptyContent(indicator.key) ?? 'nothing'}`;
    const host = hostOf(indicator.key);
    for (const list of lists()) {
      const at = list.reason === reason ? list.find(indicator, host) : null;
      if (at !== null) return list.placeOf(at);
    }
    return null;
  };
}

function isReserved(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const range = address.range();
  if (TRANSITION.has(range)) return isWithin(address, OWN_NAT64);
  return range !== 'unicast' || (address.kind() === 'ipv6' && !isWithin(address, GIVEN_OUT));
}

function isBelow(domain: string, suffixes: ReadonlySet<string>): boolean {
  return suffixIn(domain, (suffix) => suffixes.has(suffix)) !== null;
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
