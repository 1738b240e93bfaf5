import { canonicalHost } from './host.ts';
import type { IndicatorKey, IndicatorType } from './indicator.ts';
import { refang } from './refang.ts';
import { canonicalUrl } from './url.ts';

export type CanonicalResult =
  | { readonly ok: true; readonly key: IndicatorKey }
  /** Why the text is no indicator of that type; says nothing of the text itself. */
  | { readonly ok: false; readonly reason: string };

const HASH_LENGTHS = { md5: 32, sha1: 40, sha256: 64 } as const;
const LONGEST_URL = 8_192;
const LONGEST_EMAIL = 320;
const TOO_LONG: CanonicalResult = { ok: false, reason: 'longer than a URL can be' };

/** What copying leaves around a value. */
const WRAPPERS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '‘': '’',
  '<': '>',
  '[': ']',
  '(': ')',
};

/**
 * The one form of an observable, so that two spellings are one indicator. The type can change on the way: an address in a
 * domain row is an address. Canonical values come back as they are. Defanged text (`hxxp`, `[.]`, `(dot)`, `[@]`) is read as
 * meant. An address may have a port, or a prefix length that means itself alone (/32, /128); a network is refused.
 */
export function canonicalKey(type: IndicatorType, raw: string): CanonicalResult {
  const text = unwrap(raw);
  if (text === '') return { ok: false, reason: 'the value is empty' };
  // Neither can be sent, nor be stored by PostgreSQL.
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return { ok: false, reason: 'the value has control characters or broken Unicode' };
  switch (type) {
    case 'ipv4':
    case 'ipv6': {
      const result = lenientHost(refang(text));
      return result.ok && result.key.type === 'domain' ? { ok: false, reason: 'not an IP address' } : result;
    }
    case 'domain':
      return lenientHost(refang(text));
    case 'url':
      return text.length > LONGEST_URL ? TOO_LONG : withinLength(canonicalUrl(text));
    case 'email':
      return canonicalEmail(refang(text));
    case 'md5':
    case 'sha1':
    case 'sha256':
      return canonicalHash(type, text);
  }
}

/** Its canonical form can be longer: a blank takes up to nine characters. */
function withinLength(result: CanonicalResult): CanonicalResult {
  return result.ok && result.key.value.length > LONGEST_URL ? TOO_LONG : result;
}

/** Also `1.2.3.4:443`, `[2001:db8::1]:443`, `1.2.3.4/32` and `evil.example:8080`. */
function lenientHost(text: string): CanonicalResult {
  const network = /^([^/]*)\/(\d{1,3})$/.exec(text);
  if (network === null) {
    const inBrackets = /^\[?([^:[\]]*:[^:[\]]*:[^[\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
    return canonicalHost(inBrackets ?? text.replace(/^([^:]*):\d{1,5}$/, '$1'));
  }
  const [, address = '', bits = ''] = network;
  const host = canonicalHost(address);
  if (!host.ok || host.key.type === 'domain') return { ok: false, reason: 'neither an IP address nor a domain name' };
  const whole = address.includes(':') ? '128' : '32';
  return bits === whole ? host : { ok: false, reason: `a network (/${bits}), which is not one address` };
}

function canonicalHash(type: keyof typeof HASH_LENGTHS, text: string): CanonicalResult {
  const value = text.toLowerCase();
  if (value.length !== HASH_LENGTHS[type] || !/^[0-9a-f]+$/.test(value)) {
    return { ok: false, reason: `not ${HASH_LENGTHS[type]} hexadecimal digits, as ${type} has` };
  }
  return { ok: true, key: { type, value } };
}

/** The local part is kept: its case can matter. Quoted local parts are refused, and nobody has them. */
function canonicalEmail(text: string): CanonicalResult {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0)).replace(/^mailto:/i, '');
  if (text.length > LONGEST_EMAIL || !/^[^\s<>@()[\]{},;:\\"]+$/.test(local))
    return { ok: false, reason: 'not an e-mail address' };
  const place = text.slice(at + 1);
  const literal = /^\[(?:IPv6:)?([^\]]*)\]$/i.exec(place)?.[1];
  const host = canonicalHost(literal ?? place);
  if (!host.ok || (literal === undefined) !== (host.key.type === 'domain')) {
    return { ok: false, reason: 'the domain of the e-mail address is not valid' };
  }
  const { type, value } = host.key;
  const shown = type === 'domain' ? value : type === 'ipv4' ? `[${value}]` : `[IPv6:${value}]`;
  return { ok: true, key: { type: 'email', value: `${local}@${shown}` } };
}

function unwrap(raw: string): string {
  let text = raw.trim();
  for (let close = WRAPPERS[text.charAt(0)]; close !== undefined; close = WRAPPERS[text.charAt(0)]) {
    if (text.length < 2 || !text.endsWith(close)) return text;
    text = text.slice(1, -1).trim();
  }
  return text;
}
