import { randomBytes } from 'node:crypto';

export type TokenState = 'good' | 'missing' | 'unknown' | 'expired' | 'wrong-audience';

/** The bearer tokens that were given out: opaque, each good for one audience until it expires. */
export class Tokens {
  readonly #given = new Map<string, { readonly audience: string; readonly expires: number }>();

  issue(audience: string, seconds: number): string {
    const token = randomBytes(32).toString('base64url');
    this.#given.set(token, { audience: plain(audience), expires: Date.now() + seconds * 1_000 });
    return token;
  }

  /** `authorization` is the header's value. */
  check(authorization: string | undefined, audience: string): TokenState {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'missing';
    const given = this.#given.get(token);
    if (given === undefined) return 'unknown';
    if (given.expires <= Date.now()) return 'expired';
    return given.audience === plain(audience) ? 'good' : 'wrong-audience';
  }
}

/** `https://graph.microsoft.com/` and `graph.microsoft.com` are one audience. */
function plain(audience: string): string {
  return audience.replace(/^https:\/\//, '').replace(/(?<!\/)\/+$/, '');
}
