import { isIPv4, isIPv6 } from 'node:net';
import type { Kind } from './kinds.ts';

export interface Observable {
  readonly kind: Kind;
  readonly value: string;
}

const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;

/**
 * The observables in a text, each once, as an import finds them: the text is cut at blanks and commas. Tokens that are no
 * observable are left out.
 */
export function observablesIn(text: string, urlYieldsHost: boolean): Observable[] {
  const found = new Map<string, Observable>();
  for (const token of text.split(/[\s,]+/)) {
    const observable = observableOf(token);
    if (observable === null) continue;
    found.set(observable.value, observable);
    const host = urlYieldsHost && observable.kind === 'url' ? observableOf(hostOfUrl(token)) : null;
    if (host !== null) found.set(host.value, host);
  }
  return [...found.values()];
}

export function observableOf(token: string): Observable | null {
  if (isIPv4(token)) return { kind: 'ip', value: token };
  if (isIPv6(token)) return { kind: 'ipv6', value: token.toLowerCase() };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(token)) return { kind: 'url', value: token };
  if (EMAIL.test(token)) return { kind: 'email', value: token.toLowerCase() };
  if (HASH.test(token)) return { kind: 'md5', value: token.toLowerCase() };
  return DOMAIN.test(token) ? { kind: 'domain', value: token.toLowerCase() } : null;
}

/** As ThreatStream's objects name the algorithm of a hash; null for other kinds. */
export function subtypeOf({ kind, value }: Observable): string | null {
  if (kind !== 'md5') return null;
  return { 32: 'MD5', 40: 'SHA1', 64: 'SHA256' }[value.length] ?? 'SHA512';
}

/** The host of a URL; the empty text when it has none that could be read. */
export function hostOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}
