import ipaddr from 'ipaddr.js';
import { addressesOf } from './embedded-ipv4.ts';
import type { HostKey } from './host.ts';

/** A set of networks. A look-up costs one step for each prefix length that occurs, whatever the number of networks. */
export interface Networks {
  /** @throws Error when it is none: `readEntry` gives one that is. */
  readonly add: (cidr: string, at: number) => void;
  /** Of several networks, the narrowest speaks. An address of IPv6 is in the networks of those of IPv4 that it carries, too. */
  readonly find: (host: HostKey) => number | null;
}

type ByLength = Map<number, Map<string, number>>;

export function createNetworks(): Networks {
  const ipv4: ByLength = new Map();
  const ipv6: ByLength = new Map();
  // Narrowest first; found out when it is first needed.
  let lengths: { readonly ipv4: readonly number[]; readonly ipv6: readonly number[] } | null = null;
  return {
    add(cidr, at) {
      // The library's own `parseCIDR` tries IPv6 first, which costs ten times as much.
      const [address, length] = inIpv4((cidr.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4).parseCIDR(cidr));
      const all = address instanceof ipaddr.IPv6 ? ipv6 : ipv4;
      const alike = all.get(length) ?? new Map<string, number>();
      const prefix = bitsOf(address).slice(0, length);
      alike.set(prefix, alike.get(prefix) ?? at);
      all.set(length, alike);
      lengths = null;
    },
    find({ type, value }) {
      if (type === 'domain') return null;
      lengths ??= { ipv4: narrowestFirst(ipv4), ipv6: narrowestFirst(ipv6) };
      if (lengths.ipv4.length + lengths.ipv6.length === 0) return null;
      for (const address of addressesOf(value)) {
        const kind = address.kind();
        const bits = lengths[kind].length === 0 ? '' : bitsOf(address);
        for (const length of lengths[kind]) {
          const at = (kind === 'ipv4' ? ipv4 : ipv6).get(length)?.get(bits.slice(0, length));
          if (at !== undefined) return at;
        }
      }
      return null;
    },
  };
}

/** One of IPv4 in IPv6 clothes is one of IPv4, as the indicators are. */
function inIpv4([address, length]: readonly [ipaddr.IPv4 | ipaddr.IPv6, number]): readonly [
  ipaddr.IPv4 | ipaddr.IPv6,
  number,
] {
  const isMapped = address instanceof ipaddr.IPv6 && length >= 96 && address.isIPv4MappedAddress();
  return isMapped ? [address.toIPv4Address(), length - 96] : [address, length];
}

function narrowestFirst(all: ByLength): readonly number[] {
  return [...all.keys()].sort((a, b) => b - a);
}

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'));

/** An address as its 32 or 128 binary digits. */
function bitsOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address
    .toByteArray()
    .map((byte) => BYTES[byte] ?? '')
    .join('');
}
