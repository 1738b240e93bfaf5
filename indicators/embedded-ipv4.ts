import ipaddr from 'ipaddr.js';

/** An address, and those of IPv4 that one of IPv6 leads to besides. */
export function addressesOf(value: string): readonly (ipaddr.IPv4 | ipaddr.IPv6)[] {
  // The library's own `parse` tries IPv6 first, which is slow.
  if (!value.includes(':')) return [ipaddr.IPv4.parse(value)];
  const address = ipaddr.IPv6.parse(value);
  return [address, ...embeddedIpv4(address, address.range())];
}

/**
 * The IPv4 addresses that an IPv6 address carries, for whoever translates or tunnels: NAT64 (RFC 6052), its stateless kin (RFC 6145),
 * 6to4 (RFC 3056), the server and the client of Teredo (RFC 4380, section 4), ISATAP (RFC 5214, section 6.1).
 */
function embeddedIpv4({ parts }: ipaddr.IPv6, range: string): readonly ipaddr.IPv4[] {
  const [, p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0] = parts;
  const found: ipaddr.IPv4[] = [];
  if (range === 'rfc6052' || range === 'rfc6145') found.push(ipv4(p6, p7));
  else if (range === '6to4') found.push(ipv4(p1, p2));
  else if (range === 'teredo') found.push(ipv4(p2, p3), ipv4(p6 ^ 0xffff, p7 ^ 0xffff));
  // 0200 says that the IPv4 address is unique in the world.
  if ((p4 === 0 || p4 === 0x0200) && p5 === 0x5efe) found.push(ipv4(p6, p7));
  return found;
}

function ipv4(high: number, low: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
