import { canonicalKey } from './canonical.ts';
import type { CanonicalResult } from './canonical-result.ts';
import { canonicalHost } from './host.ts';
import type { IndicatorType } from './indicator.ts';
import { refangHost } from './refang.ts';
import { unwrap } from './unwrap.ts';

/** What people write before a value, and a colon or an equals sign, to say what it is. Of hosts and of hashes, the value itself tells which. */
const LABELS: ReadonlyMap<string, IndicatorType> = new Map([
  ...[
    'host',
    'hostname',
    'domain',
    'domainname',
    'fqdn',
    'ip',
    'ipv4',
    'ipv6',
    'ipaddress',
    'ipv4addr',
    'ipv6addr',
  ].map((label) => [label, 'domain'] as const),
  ...['url', 'uri', 'link'].map((label) => [label, 'url'] as const),
  ...['email', 'emailaddr', 'emailaddress', 'mail'].map((label) => [label, 'email'] as const),
  ...['hash', 'filehash', 'md5', 'sha1', 'sha256'].map((label) => [label, 'md5'] as const),
]);
const LONGEST_LABEL = 40;

/**
 * The canonical form of a value of which nobody has said what it is, or which says so itself (`domain:evil.example`): a hash, a host, a
 * URL or an e-mail address, as `canonicalKey` reads each of them. A network is none, nor is a hash of another kind.
 */
export function canonicalUntyped(raw: string): CanonicalResult {
  const text = unwrap(raw);
  const labelled = withoutLabel(text);
  if (labelled !== null) return canonicalKey(labelled.type, labelled.value);
  const hash = canonicalKey('md5', text);
  // A URL, too, if it has its scheme.
  const host = canonicalKey('domain', text);
  const sure = [hash, host].find((result) => result.ok);
  if (sure !== undefined) return sure;
  if (isNetwork(text)) return host;
  if (/[/?#]/.test(text)) return canonicalKey('url', text);
  const email = canonicalKey('email', text);
  if (email.ok || text.includes('@')) return email;
  return /^[0-9a-f]{40,}$/i.test(text) ? hash : host;
}

function withoutLabel(text: string): { readonly type: IndicatorType; readonly value: string } | null {
  const end = text.slice(0, LONGEST_LABEL).search(/[:=]/);
  if (end < 1) return null;
  const type = LABELS.get(
    text
      .slice(0, end)
      .toLowerCase()
      .replace(/[\s_-]/g, ''),
  );
  return type === undefined ? null : { type, value: text.slice(end + 1) };
}

/** An address and a number of bits: no path of a URL. */
function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...more] = refangHost(text).split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  const host = canonicalHost(address);
  return host.ok && host.key.type !== 'domain';
}
