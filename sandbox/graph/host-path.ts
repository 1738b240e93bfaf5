const BY_SEGMENT = /^\/security\/threatIntelligence\/hosts\/([^/]+)\/reputation$/;
const BY_KEY = /^\/security\/threatIntelligence\/hosts\((?:'|%27)(.+)(?:'|%27)\)\/reputation$/;

export type HostPath =
  | { readonly kind: 'host'; readonly host: string }
  /** A reputation was asked for, but not of a host: upper case, a trailing dot, a URL, a broken encoding. */
  | { readonly kind: 'bad-host' }
  | { readonly kind: 'unknown-path' };

/** The host whose reputation a path asks for: `…/hosts/{id}/reputation` or `…/hosts('{id}')/reputation`. */
export function hostPath(path: string): HostPath {
  const segment = BY_SEGMENT.exec(path)?.[1];
  const key = BY_KEY.exec(path)?.[1];
  const encoded = key ?? segment;
  if (encoded === undefined) return { kind: 'unknown-path' };
  const decoded = decode(encoded);
  const host = key === undefined ? decoded : decoded?.replaceAll("''", "'");
  return host !== undefined && isHost(host) ? { kind: 'host', host } : { kind: 'bad-host' };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Whether Graph takes it for a host. */
export function isHost(text: string): boolean {
  if (text.includes(':')) return /^[0-9a-f:]+(?:\.[0-9.]+)?$/.test(text);
  return text.length <= 253 && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(text) && !text.includes('..');
}
