/** The domain itself, or the nearest one above it, at label boundaries only, that is there; null for none. */
export function suffixIn(domain: string, isThere: (suffix: string) => boolean): string | null {
  for (let rest = domain; ; ) {
    if (isThere(rest)) return rest;
    const dot = rest.indexOf('.');
    if (dot === -1) return null;
    rest = rest.slice(dot + 1);
  }
}
