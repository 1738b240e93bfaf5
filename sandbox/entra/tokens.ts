import { randomBytes } from 'node:crypto';
import type { EntraFaults } from './entra-faults.ts';

export type TokenState = 'good' | 'missing' | 'unknown' | 'expired' | 'wrong-audience' | 'revoked' | 'no-permission';

interface Given {
  readonly audience: string;
  readonly expires: number;
  readonly era: number;
  /** Whether the application had the audience's permission when it was given. */
  readonly isPermitted: boolean;
}

/** The bearer tokens that were given out: opaque, each good for one audience until it expires. */
export class Tokens {
  readonly #given = new Map<string, Given>();
  readonly #faults: () => Pick<EntraFaults, 'withoutPermission' | 'era'>;

  constructor(faults: () => Pick<EntraFaults, 'withoutPermission' | 'era'>) {
    this.#faults = faults;
  }

  issue(audience: string, seconds: number): string {
    const token = randomBytes(32).toString('base64url');
    const { withoutPermission, era } = this.#faults();
    this.#given.set(token, {
      audience: plain(audience),
      expires: Date.now() + seconds * 1_000,
      era,
      isPermitted: !withoutPermission.map(plain).includes(plain(audience)),
    });
    return token;
  }

  /** `authorization` is the header's value. */
  check(authorization: string | undefined, audience: string): TokenState {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'missing';
    const given = this.#given.get(token);
    if (given === undefined) return 'unknown';
    if (given.expires <= Date.now()) return 'expired';
    if (given.era !== this.#faults().era) return 'revoked';
    if (given.audience !== plain(audience)) return 'wrong-audience';
    return given.isPermitted ? 'good' : 'no-permission';
  }
}

/** `https://graph.microsoft.com/` and `graph.microsoft.com` are one audience. */
function plain(audience: string): string {
  return audience.replace(/^https:\/\//, '').replace(/(?<!\/)\/+$/, '');
}
