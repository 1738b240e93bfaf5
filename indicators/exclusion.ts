import ipaddr from 'ipaddr.js';
import type { HostKey } from './host.ts';
import { type Indicator, TLP_LEVELS } from './indicator.ts';
import type { ExclusionReason, Policy } from './policy.ts';
import { hostOf } from './url.ts';

/** Names that never leave a network or that standards keep for examples (RFC 2606, RFC 6761, RFC 8375, ICANN's `internal`). */
const RESERVED_DOMAINS = ['localhost', 'local', 'internal', 'test', 'example', 'invalid', 'home.arpa'];

/** Compiles the policy's lists once. The answer is null for an indicator that may go on to be scored. */
export function createExclusion(policy: Policy): (indicator: Indicator, now: Date) => ExclusionReason | null {
  const networks = policy.exclude.cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  const listed = new Set(policy.exclude.domains.map((domain) => domain.toLowerCase().replace(/^\*?\.|\.$/g, '')));
  const reserved = new Set(RESERVED_DOMAINS);
  const ceiling = TLP_LEVELS.indexOf(policy.tlpCeiling);

  return ({ key, facts }, now) => {
    if (facts.ended !== null) return facts.ended;
    if (facts.validUntil !== null && Date.parse(facts.validUntil) <= now.getTime()) return 'expired';
    if (TLP_LEVELS.indexOf(facts.tlp ?? policy.tlpDefault) > ceiling) return 'above-tlp-ceiling';
    const host = hostOf(key);
    if (host === null) return null;
    if (policy.exclude.reservedAddresses && isReserved(host, reserved)) return 'reserved-address';
    if (host.type === 'domain') return isBelow(host.value, listed) ? 'listed-domain' : null;
    return networks.length > 0 && isInside(host.value, networks) ? 'listed-cidr' : null;
  };
}

function isReserved(host: HostKey, reserved: ReadonlySet<string>): boolean {
  return host.type === 'domain' ? isBelow(host.value, reserved) : ipaddr.parse(host.value).range() !== 'unicast';
}

/** The domain itself, or anything below it: at label boundaries only. */
function isBelow(domain: string, suffixes: ReadonlySet<string>): boolean {
  for (let rest = domain; ; ) {
    if (suffixes.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot === -1) return false;
    rest = rest.slice(dot + 1);
  }
}

function isInside(value: string, networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]): boolean {
  const address = ipaddr.parse(value);
  return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}
