import ipaddr from 'ipaddr.js';
import { AMBIGUOUS_IPV4, canonicalHost, type HostKey, type HostResult } from './host.ts';
import type { IndicatorKey } from './indicator.ts';
import { refang, refangHost, refangRest, refangScheme } from './refang.ts';
import { trimmedEnd } from './unwrap.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21' };
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Four numbers as programs write them, with room for zeros before them. */
const LONGEST_ADDRESS = 64;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

type UrlResult = { readonly ok: true; readonly key: IndicatorKey } | { readonly ok: false; readonly reason: string };

/** Whether the text says of itself that it is a URL. */
export function hasScheme(text: string): boolean {
  return HAS_SCHEME.test(text);
}

/**
 * Scheme and host in their canonical form, a default port left out, a missing path as `/`. Path, query and fragment are kept
 * byte for byte, since servers tell `%7e` from `~` and case from case; only blanks, which no request can hold, become `%20`.
 * Scheme and host are refanged. So is the rest where one of these was defanged; else it means its brackets. Text without a scheme is
 * taken as http.
 */
export function canonicalUrl(text: string): UrlResult {
  const parts = partsOf(text);
  if (parts === null) return refused('not a URL');
  const { scheme, authority, rest } = parts;
  // Programs disagree on what a backslash ends.
  if (authority.includes('\\')) return refused('not a URL');
  const userEnd = authority.lastIndexOf('@') + 1;
  const user = authority.slice(0, userEnd);
  if (refang(user) !== user) return refused('not a URL');
  const place = HOST_AND_PORT.exec(refangHost(authority.slice(userEnd)));
  if (place === null) return refused('the host of the URL is not valid');
  const [, rawHost = '', port = ''] = place;
  const host = urlHost(rawHost);
  if (!host.ok) return refused(`the host of the URL is ${host.reason}`);
  if (Number(port) > 65_535) return refused('the port of the URL is out of range');

  const shownHost = host.key.type === 'ipv6' ? `[${host.key.value}]` : host.key.value;
  const shownPort = port === '' || String(Number(port)) === DEFAULT_PORTS[scheme] ? '' : `:${Number(port)}`;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return {
    ok: true,
    key: { type: 'url', value: `${scheme}://${encodeBlanks(`${user}${shownHost}${shownPort}${path}`)}` },
  };
}

interface UrlParts {
  readonly scheme: string;
  readonly authority: string;
  readonly rest: string;
}

/** Its parts as meant. */
function partsOf(text: string): UrlParts | null {
  const beginning = refangScheme(text);
  const whole = hasScheme(beginning.text) ? beginning.text : `http://${beginning.text}`;
  const match = PARTS.exec(whole);
  if (match === null) return null;
  const [start, name = '', first = ''] = match;
  const after = whole.slice(start.length);
  const scheme = name.toLowerCase();
  // `evil[.]example[/]a`: the first slash is in brackets.
  if (first.endsWith('[') && after.startsWith('/]')) {
    return { scheme, authority: refang(first.slice(0, -1)), rest: refangRest(after.replace(']', '')) };
  }
  const host = first.slice(first.lastIndexOf('@') + 1);
  const isDefanged = beginning.defanged || refang(first) !== first || refangHost(host) !== host;
  const authority = refang(after === '' ? trimmedEnd(first, ',;') : first);
  return { scheme, authority, rest: isDefanged ? refangRest(after) : after };
}

/** The host of a canonical URL or e-mail address, or the host that the value is; null for the other types. */
export function hostOf({ type, value }: IndicatorKey): HostKey | null {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'domain':
      return { type, value };
    case 'url': {
      const authority = PARTS.exec(value)?.[2] ?? '';
      const place = HOST_AND_PORT.exec(authority.slice(authority.lastIndexOf('@') + 1));
      return keyOf(canonicalHost((place?.[1] ?? '').replace(/^\[|\]$/g, '')));
    }
    case 'email':
      return keyOf(canonicalHost(value.slice(value.lastIndexOf('@') + 1).replace(/^\[(?:IPv6:)?|\]$/g, '')));
    case 'md5':
    case 'sha1':
    case 'sha256':
      return null;
  }
}

/** As browsers read it: percent-encoded letters are letters, and `0x7f.1` is an address; not what others read as another address. */
function urlHost(text: string): HostResult {
  const bare = /^\[([^:]*:.*)\]$/.exec(text)?.[1] ?? decode(text);
  // Whatever decoding brings in that could not have stood there itself.
  if (bare.includes('%')) return { ok: false, reason: 'not a valid domain name' };
  if (bare === text && text.includes(':')) return { ok: false, reason: 'an IPv6 address without brackets' };
  const host = canonicalHost(bare);
  if (host.ok || bare.length > LONGEST_ADDRESS || !ipaddr.IPv4.isValid(bare)) return host;
  if (bare.split('.').some(isOctalOrDecimal)) return { ok: false, reason: AMBIGUOUS_IPV4 };
  return canonicalHost(ipaddr.IPv4.parse(bare).toString());
}

/** `010` is eight to a browser, and ten to other programs. */
function isOctalOrDecimal(part: string): boolean {
  return /^0\d+$/.test(part) && Number(part) !== Number.parseInt(part, 8);
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encodeBlanks(text: string): string {
  return /\s/.test(text) ? text.replace(/\s/g, encodeURIComponent) : text;
}

function keyOf(host: HostResult): HostKey | null {
  return host.ok ? host.key : null;
}

function refused(reason: string): UrlResult {
  return { ok: false, reason };
}
