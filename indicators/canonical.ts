import type { CanonicalResult } from './canonical-result.ts';
import { canonicalEmail, isMailto } from './email.ts';
import { canonicalHash } from './hash.ts';
import { canonicalHost } from './host.ts';
import type { IndicatorType } from './indicator.ts';
import { refangHost, refangScheme } from './refang.ts';
import { trimmedEnd, unwrap } from './unwrap.ts';
import { canonicalUrl, hasScheme } from './url.ts';

const LONGEST_URL = 8_192;
const TOO_LONG: CanonicalResult = { ok: false, reason: 'longer than a URL can be' };

/**
 * The one form of an observable, so that two spellings are one indicator. The type can change on the way: an address in a
 * domain row is an address, a URL in a row of hosts a URL, and a hash is of the kind that has its length. Canonical values come back as
 * they are. Defanged text (`hxxp`, `[.]`, `(dot)`, `[@]`) is read as meant. An address may have a port, or a prefix length that means
 * itself alone (/32, /128); a network is refused, and so is what programs read differently.
 */
export function canonicalKey(type: IndicatorType, raw: string): CanonicalResult {
  const text = unwrap(raw);
  if (text === '') return { ok: false, reason: 'the value is empty' };
  // Neither can be sent, nor be stored by PostgreSQL.
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return { ok: false, reason: 'the value has control characters or broken Unicode' };
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'domain': {
      if (hasScheme(refangScheme(text).text)) return link(text);
      const result = lenientHost(refangHost(text));
      const isOther = type !== 'domain' && result.ok && result.key.type === 'domain';
      return isOther ? { ok: false, reason: 'not an IP address' } : result;
    }
    case 'url':
      return isBareEmail(text) ? canonicalEmail(text) : link(text);
    case 'email':
      return canonicalEmail(text);
    case 'md5':
    case 'sha1':
    case 'sha256':
      return canonicalHash(type, text);
  }
}

/** Its canonical form can be longer: a blank takes up to nine characters. */
function url(text: string): CanonicalResult {
  if (text.length > LONGEST_URL) return TOO_LONG;
  const result = canonicalUrl(text);
  return result.ok && result.key.value.length > LONGEST_URL ? TOO_LONG : result;
}

/** The place that a link leads to, or the address that it writes to. */
function link(text: string): CanonicalResult {
  const plain = refangScheme(text).text;
  return isMailto(plain) ? canonicalEmail(plain) : url(text);
}

/** In a row of URLs: without a scheme, or any place that it leads to. */
function isBareEmail(text: string): boolean {
  return !/[/?#]/.test(text) && canonicalEmail(text).ok;
}

/** Also `1.2.3.4:443`, `[2001:db8::1]:443`, `1.2.3.4/32`, `evil.example:8080` and `evil.example/`. */
function lenientHost(text: string): CanonicalResult {
  const bare = trimmedEnd(text, '/,;');
  const network = /^([^/]*)\/(\d{1,3})$/.exec(bare);
  const [, whole = bare, bits] = network ?? [];
  const place = withoutPort(whole);
  if (place === null) return { ok: false, reason: 'the port is out of range' };
  const host = canonicalHost(place);
  if (bits === undefined) return host;
  if (!host.ok || host.key.type === 'domain') return { ok: false, reason: 'neither an IP address nor a domain name' };
  const all = place.includes(':') ? '128' : '32';
  return bits === all ? host : { ok: false, reason: `a network (/${bits}), which is not one address` };
}

/** Null for a port that there is none of. */
function withoutPort(text: string): string | null {
  const isBracketed = text.startsWith('[');
  const end = isBracketed ? text.indexOf(']') + 1 : text.indexOf(':');
  const port = end < 1 ? '' : text.slice(end);
  if (port !== '' && !/^:\d{1,5}$/.test(port)) return text;
  if (Number(port.slice(1)) > 65_535) return null;
  const host = port === '' ? text : text.slice(0, end);
  return isBracketed && host.endsWith(']') ? host.slice(1, -1) : host;
}
