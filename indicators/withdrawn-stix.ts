import { laterThan, nextModified, stixTime } from './stix-time.ts';

/** What a withdrawal has to know of the version that is held: of ours as it was written, or as a server gives it back. */
export interface HeldStix {
  readonly modified: string;
  readonly valid_from: string;
  readonly valid_until?: string;
  readonly revoked?: boolean;
}

/** `revoke` says that it should never have been believed, for good; `end` that it is no longer valid. OpenCTI wants both. */
export type Withdrawal = 'revoke' | 'end' | 'revoke-and-end';

/**
 * The next version of an object, which withdraws it. Everything else stays as it is held. What is revoked already is given back as it
 * is: it may have no more versions (STIX 2.1, section 3.2).
 */
export function withdrawnStix<T extends HeldStix>(
  held: T,
  now: string,
  how: Withdrawal,
): T & Pick<HeldStix, 'modified' | 'valid_until' | 'revoked'> {
  if (held.revoked === true) return held;
  return {
    ...held,
    modified: nextModified(now, held.modified),
    ...(how === 'end' ? {} : { revoked: true }),
    ...(how === 'revoke' ? {} : { valid_until: endedBy(now, held) }),
  };
}

/** An end that has come already stays; the specification wants it later than `valid_from`. */
function endedBy(now: string, { valid_from, valid_until }: HeldStix): string {
  const hasEnded = valid_until !== undefined && Date.parse(valid_until) <= Date.parse(now);
  return laterThan(valid_from, hasEnded ? valid_until : stixTime(now));
}
