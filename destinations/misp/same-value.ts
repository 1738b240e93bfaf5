import { isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';
import { basicPlane } from './basic-plane.ts';

/**
 * Whether MISP may have stored the one for the other: it mends what is defanged, lower-cases, compresses IPv6, writes hosts in ASCII, and its
 * database takes letters for the same whatever their case and accents. (Sources: MISP 2.5.1, AttributeValidationTool,
 * MispAttribute::beforeValidateMassage; the MySQL manual, utf8mb3_unicode_ci.)
 */
export function isSameValue(type: string, ours: string, theirs: string): boolean {
  return plain(type, ours) === plain(type, theirs);
}

function plain(type: string, value: string): string {
  const text = basicPlane(value.trim())
    .replaceAll(/\[\.\]|\[dot\]|\(dot\)/gi, '.')
    .replaceAll(/\[@\]|\[at\]/gi, '@')
    .replaceAll('[:]', ':')
    .replace(/^h(?:xx|xt|tx|\[tt\])p/i, 'http');
  if (type === 'ip-dst') return isIPv6(text) ? new SocketAddress({ address: text, family: 'ipv6' }).address : text;
  const bare = type === 'domain' ? domainToASCII(text.replaceAll(/^\.+|(?<!\.)\.+$/g, '')) || text : text;
  return bare
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
}
