import { canonicalHost } from './host.ts';
import type { IndicatorKey, IndicatorType } from './indicator.ts';
import { canonicalUrl } from './url.ts';

export type CanonicalResult =
  | { readonly ok: true; readonly key: IndicatorKey }
  /** Why the text is no indicator of that type; says nothing of the text itself. */
  | { readonly ok: false; readonly reason: string };

const HASH_LENGTHS = { md5: 32, sha1: 40, sha256: 64 } as const;
const LONGEST_URL = 8_192;

/**
 * The one form of an observable, so that two spellings are one indicator. The type can change on the way: an address in a
 * domain row is an address. Canonical values are left as they are. Defanged text (`hxxp`, `[.]`, `(dot)`, `[@]`) is read as meant.
 */
export function canonicalKey(type: IndicatorType, raw: string): CanonicalResult {
  const text = unwrap(raw);
  if (text === '') return { ok: false, reason: 'the value is empty' };
  if (hasControl(text)) return { ok: false, reason: 'the value has control characters' };
  switch (type) {
    case 'ipv4':
    case 'ipv6':
      return addressOnly(canonicalHost(refang(text)));
    case 'domain':
      return canonicalHost(refang(text).replace(/^\*\./, ''));
    case 'url':
      if (text.length > LONGEST_URL) return { ok: false, reason: 'longer than a URL can be' };
      return canonicalUrl(refangUrl(text));
    case 'email':
      return canonicalEmail(refang(text));
    case 'md5':
    case 'sha1':
    case 'sha256':
      return canonicalHash(type, text);
  }
}

function addressOnly(result: CanonicalResult): CanonicalResult {
  if (result.ok && result.key.type === 'domain') return { ok: false, reason: 'not an IP address' };
  return result.ok
    ? result
    : { ok: false, reason: result.reason.replace('neither an IP address nor a domain name', 'not an IP address') };
}

function canonicalHash(type: keyof typeof HASH_LENGTHS, text: string): CanonicalResult {
  const value = text.toLowerCase();
  if (value.length !== HASH_LENGTHS[type] || !/^[0-9a-f]+$/.test(value)) {
    return { ok: false, reason: `not ${HASH_LENGTHS[type]} hexadecimal digits, as ${type} has` };
  }
  return { ok: true, key: { type, value } };
}

/** The local part is kept: its case can matter. */
function canonicalEmail(text: string): CanonicalResult {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at).replace(/^mailto:/i, '');
  if (at < 1 || local === '' || /[\s<>@]/.test(local)) return { ok: false, reason: 'not an e-mail address' };
  const host = canonicalHost(text.slice(at + 1));
  if (!host.ok || host.key.type !== 'domain')
    return { ok: false, reason: 'the domain of the e-mail address is not valid' };
  return { ok: true, key: { type: 'email', value: `${local}@${host.key.value}` } };
}

/** Blanks, and the quotes or angle brackets that copying leaves around a value. */
function unwrap(raw: string): string {
  let text = raw.trim();
  for (const [open, close] of [
    ['"', '"'],
    ["'", "'"],
    ['<', '>'],
  ] as const) {
    while (text.length >= 2 && text.startsWith(open) && text.endsWith(close)) text = text.slice(1, -1).trim();
  }
  return text;
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** Host text as meant. */
function refang(text: string): string {
  return text
    .replace(/\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}/gi, '.')
    .replace(/\[:\]|\(:\)/g, ':')
    .replace(/\[@\]|\(@\)|\[at\]|\(at\)/gi, '@');
}

/** Only the scheme and the host of a URL are refanged: a path may mean its brackets. */
function refangUrl(text: string): string {
  const scheme = text
    .replace(/^h(?:xx|tt|XX|TT)p(s?)(?:\[:\]|\(:\)|:)(?:\/\/|\[\/\/\])/i, 'http$1://')
    .replace(/^fxp:\/\//i, 'ftp://');
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(scheme);
  return match === null ? scheme : `${match[1] ?? ''}${refang(match[2] ?? '')}${match[3] ?? ''}`;
}
