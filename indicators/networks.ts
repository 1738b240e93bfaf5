import ipaddr from 'ipaddr.js';
import type { HostKey } from './host.ts';

/** A set of networks. A look-up costs one step for each prefix length that occurs, whatever the number of networks. */
export interface Networks {
  /** @throws Error when it is none: `readEntry` gives one that is. */
  readonly add: (cidr: string, at: number) => void;
  /** Of several networks, the narrowest speaks. */
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
      const isIpv6 = cidr.includes(':');
      const [address, length] = (isIpv6 ? ipaddr.IPv6 : ipaddr.IPv4).parseCIDR(cidr);
      const all = isIpv6 ? ipv6 : ipv4;
      const alike = all.get(length) ?? new Map<string, number>();
      const prefix = bitsOf(address).slice(0, length);
      alike.set(prefix, alike.get(prefix) ?? at);
      all.set(length, alike);
      lengths = null;
    },
    find({ type, value }) {
      if (type === 'domain') return null;
      lengths ??= { ipv4: narrowestFirst(ipv4), ipv6: narrowestFirst(ipv6) };
      if (lengths[type].length === 0) return null;
      const all = type === 'ipv4' ? ipv4 : ipv6;
      const bits = bitsOf((type === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).parse(value));
      for (const length of lengths[type]) {
        const at = all.get(length)?.get(bits.slice(0, length));
        if (at !== undefined) return at;
      }
      return null;
    },
  };
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
