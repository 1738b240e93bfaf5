import type { Kind } from '../../sandbox/threatstream/kinds.ts';

/** Addresses of made-up observables that nobody else can reach. (Source: RFC 1918, 5737 and 3849.) */
const RESERVED = /^(?:10\.|203\.0\.113\.|2001:db8:)/;

/** Whose reputation is that of an observable: told by its text alone, and not as the product does. Null where there is none to look up. */
export function hostIn(type: Kind, value: string): string | null {
  const host = textOfHost(type, value.replaceAll('[.]', '.').replace(/^hxxp/, 'http'));
  return host === null || RESERVED.test(host) ? null : host;
}

function textOfHost(type: Kind, text: string): string | null {
  switch (type) {
    case 'ip':
    case 'ipv6':
      return text;
    case 'domain':
      return domainOf(text);
    case 'email':
      return domainOf(text.slice(text.indexOf('@') + 1));
    case 'url':
      return domainOf(/^https?:\/\/([^/:?#]+)/.exec(text)?.[1] ?? '');
    case 'md5':
    case 'string':
      return null;
  }
}

function domainOf(text: string): string | null {
  return text.includes('.') ? text.toLowerCase().replace(/\.$/, '') : null;
}
