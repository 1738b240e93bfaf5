import ipaddr from 'ipaddr.js';
import { canonicalHost, type HostKey, type HostResult } from './host.ts';
import type { IndicatorKey } from './indicator.ts';
import { refang, refangScheme } from './refang.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21' };
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Four numbers as programs write them, with room for zeros before them. */
const LONGEST_ADDRESS = 64;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

type UrlResult = { readonly ok: true; readonly key: IndicatorKey } | { readonly ok: false; readonly reason: string };

/**
 * Scheme and host in their canonical form, a default port left out, a missing path as `/`. Path, query and fragment are kept
 * byte for byte, since servers tell `%7e` from `~` and case from case; only blanks, which no request can hold, become `%20`.
 * Scheme and host are refanged, the path is not: it may mean its brackets. Text without a scheme is taken as http.
 */
export function canonicalUrl(text: string): UrlResult {
  const refanged = refangScheme(text);
  const whole = HAS_SCHEME.test(refanged) ? refanged : `http://${refanged}`;
  const match = PARTS.exec(whole);
  if (match === null) return refused('not a URL');
  const [beginning, scheme = '', authority = ''] = match;
  const rest = whole.slice(beginning.length);
  // Programs disagree on what a backslash ends.
  if (authority.includes('\\')) return refused('not a URL');
  const userEnd = authority.lastIndexOf('@') + 1;
  const place = HOST_AND_PORT.exec(refang(authority.slice(userEnd)));
  if (place === null) return refused('the host of the URL is not valid');
  const [, rawHost = '', port = ''] = place;
  const host = urlHost(rawHost);
  if (!host.ok) return refused(`the host of the URL is ${host.reason}`);
  if (Number(port) > 65_535) return refused('the port of the URL is out of range');

  const protocol = scheme.toLowerCase();
  const user = authority.slice(0, userEnd);
  const shownHost = host.key.type === 'ipv6' ? `[${host.key.value}]` : host.key.value;
  const shownPort = port === '' || String(Number(port)) === DEFAULT_PORTS[protocol] ? '' : `:${Number(port)}`;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return {
    ok: true,
    key: { type: 'url', value: `${protocol}://${encodeBlanks(`${user}${shownHost}${shownPort}${path}`)}` },
  };
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

/** As browsers read it: percent-encoded letters are letters, and `0x7f.1` is an address. */
function urlHost(text: string): HostResult {
  const bare = /^\[([^:]*:.*)\]$/.exec(text)?.[1] ?? decode(text);
  // Whatever decoding brings in that could not have stood there itself.
  if (bare.includes('%')) return { ok: false, reason: 'not a valid domain name' };
  if (bare === text && text.includes(':')) return { ok: false, reason: 'an IPv6 address without brackets' };
  const host = canonicalHost(bare);
  return host.ok || bare.length > LONGEST_ADDRESS || !ipaddr.IPv4.isValid(bare)
    ? host
    : canonicalHost(ipaddr.IPv4.parse(bare).toString());
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
