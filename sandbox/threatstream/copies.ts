import type { Entry } from './entry.ts';
import type { Kind } from './kinds.ts';
import { FOREIGN_IDS, FOREIGN_ORGANISATION_ID } from './organisation.ts';
import { isForeign, type Profile } from './profile.ts';

/** One organisation's observable as a search sees it. */
export interface Copy {
  readonly id: number;
  readonly updateId: number;
  readonly value: string;
  readonly kind: Kind;
  readonly status: 'active' | 'inactive' | 'falsepos';
  readonly profile: Profile;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly isOurs: boolean;
}

/** Of what is held, ours or not; `inactive` is what waits for a review, too. Null for what has not been taken in. */
export function heldCopy({ id, updateId, value, kind, state, shelf, heldAt, modifiedAt }: Entry): Copy | null {
  if (shelf === null) return null;
  const status = state === 'active' || state === 'falsepos' ? state : 'inactive';
  const times = { createdAt: heldAt, modifiedAt };
  return { id, updateId, value, kind, status, profile: shelf.profile, ...times, isOurs: !isForeign(shelf.profile) };
}

const THEIR_TIME = Date.parse('2026-01-01T00:00:00Z');

/** Another organisation's copy of the same value, which it had from the same feed. */
export function foreignCopy({ id, updateId, value, kind }: Entry): Copy {
  return {
    id: FOREIGN_IDS + id,
    updateId: updateId - 1,
    value,
    kind,
    status: 'active',
    profile: foreignProfile(kind),
    createdAt: THEIR_TIME,
    modifiedAt: THEIR_TIME,
    isOurs: false,
  };
}

const foreignProfiles = new Map<Kind, Profile>();

function foreignProfile(kind: Kind): Profile {
  const profile = foreignProfiles.get(kind) ?? {
    itype: `mal_${kind}`,
    confidence: 60,
    severity: 'medium',
    tlp: null,
    tags: [{ name: 'mdti', tlp: null }],
    expiration: null,
    isPublic: true,
    isAnonymous: false,
    source: 'another organisation',
    sessionId: null,
    origin: { isOurs: false, organisation: FOREIGN_ORGANISATION_ID, feed: 0, trustedCircles: null },
  };
  foreignProfiles.set(kind, profile);
  return profile;
}
