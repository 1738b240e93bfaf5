import { canonicalHost, type HostKey } from './host.ts';
import type { IndicatorKey } from './indicator.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21' };
const URL_PARTS = /^([a-z][a-z0-9+.-]*):\/\/(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([/?#].*)?$/is;

type UrlResult = { readonly ok: true; readonly key: IndicatorKey } | { readonly ok: false; readonly reason: string };

/**
 * Scheme and host in their canonical form, a default port left out, a missing path as `/`; path, query and fragment byte for
 * byte, since servers tell `%7e` from `~` and case from case. Text without a scheme is taken as http.
 */
export function canonicalUrl(text: string): UrlResult {
  const match = URL_PARTS.exec(text.includes('://') ? text : `http://${text}`);
  if (match === null) return { ok: false, reason: 'not a URL' };
  const [, scheme = '', user, rawHost = '', port = '', rest = '/'] = match;
  if (/\s/.test(rest)) return { ok: false, reason: 'a URL has no blanks' };
  const host = canonicalHost(decodeHost(rawHost));
  if (!host.ok) return { ok: false, reason: `the host of the URL is ${host.reason}` };
  if (port !== '' && Number(port) > 65_535) return { ok: false, reason: 'the port of the URL is out of range' };
  const protocol = scheme.toLowerCase();
  const place = host.key.type === 'ipv6' ? `[${host.key.value}]` : host.key.value;
  const shownPort = port === '' || Number(port) === Number(DEFAULT_PORTS[protocol]) ? '' : `:${Number(port)}`;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const value = `${protocol}://${user === undefined ? '' : `${user}@`}${place}${shownPort}${path}`;
  return { ok: true, key: { type: 'url', value } };
}

/** The host of a canonical URL or e-mail address, or the host that the value is; null for the other types. */
export function hostOf({ type, value }: IndicatorKey): HostKey | null {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'domain':
      return { type, value };
    case 'url':
      return hostKey(URL_PARTS.exec(value)?.[3] ?? '');
    case 'email':
      return hostKey(value.slice(value.lastIndexOf('@') + 1));
    case 'md5':
    case 'sha1':
    case 'sha256':
      return null;
  }
}

function hostKey(text: string): HostKey | null {
  const host = canonicalHost(text);
  return host.ok ? host.key : null;
}

function decodeHost(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}
