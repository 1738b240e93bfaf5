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

/** The STIX pattern that names all of them. */
export function patternOf(observables: readonly Observable[]): string {
  return observables
    .map(({ key, value }) => `[${key} = '${value.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}']`)
    .join(' OR ');
}
