export type ObservableType = 'ipv4' | 'ipv6' | 'domain' | 'url' | 'md5' | 'sha1' | 'sha256' | 'email';

export interface Observable {
  /** As in ObservableKey. */
  readonly key: string;
  readonly value: string;
}

export const OBSERVABLE_KEYS: Readonly<Record<ObservableType, string>> = {
  ipv4: 'ipv4-addr:value',
  ipv6: 'ipv6-addr:value',
  domain: 'domain-name:value',
  url: 'url:value',
  md5: 'file:hashes.MD5',
  sha1: "file:hashes.'SHA-1'",
  sha256: "file:hashes.'SHA-256'",
  email: 'email-addr:value',
};

const ALIASES: Readonly<Record<string, ObservableType | 'ip'>> = {
  ip: 'ip',
  ipv4: 'ipv4',
  'ipv4-addr': 'ipv4',
  ipv6: 'ipv6',
  'ipv6-addr': 'ipv6',
  domain: 'domain',
  'domain-name': 'domain',
  hostname: 'domain',
  url: 'url',
  md5: 'md5',
  sha1: 'sha1',
  'sha-1': 'sha1',
  sha256: 'sha256',
  'sha-256': 'sha256',
  email: 'email',
  'email-addr': 'email',
};

/** The type that people call so, in any case; `ip` is either of two. Null for what is no type of ours. */
export function observableType(name: string): ObservableType | 'ip' | null {
  const known = name.toLowerCase();
  return Object.hasOwn(ALIASES, known) ? (ALIASES[known] ?? null) : null;
}

/** The STIX pattern that names all of them. */
export function patternOf(observables: readonly Observable[]): string {
  return observables
    .map(({ key, value }) => `[${key} = '${value.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}']`)
    .join(' OR ');
}
