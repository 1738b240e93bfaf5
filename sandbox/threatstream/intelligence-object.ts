import type { Entry } from './holdings.ts';
import type { Kind } from './kinds.ts';
import { subtypeOf } from './observables.ts';
import { FOREIGN_IDS, FOREIGN_ORGANISATION_ID, OUR_ORGANISATION } from './organisation.ts';
import type { Profile } from './profile.ts';

/** How ThreatStream writes that something never expires. */
const NEVER = '9999-12-31T00:00:00.000Z';

/** `inactive` is what waits for a review, too. */
export function statusOf({ state }: Entry): 'active' | 'inactive' {
  return state === 'active' ? 'active' : 'inactive';
}

/** One of our organisation's observables as the API shows it. */
export function intelligenceObject(entry: Entry, profile: Profile): Readonly<Record<string, unknown>> {
  return {
    value: entry.value,
    type: entry.kind,
    subtype: subtypeOf(entry),
    id: entry.id,
    itype: profile.itype,
    status: statusOf(entry),
    confidence: profile.confidence,
    source_reported_confidence: profile.confidence,
    meta: { severity: profile.severity },
    tags: shownTags(profile),
    tlp: profile.tlp ?? '',
    expiration_ts: profile.expiration ?? NEVER,
    update_id: entry.updateId,
    import_session_id: profile.sessionId === null ? null : Number(profile.sessionId),
    is_public: profile.isPublic,
    is_editable: true,
    owner_organization_id: OUR_ORGANISATION.id,
    source: profile.source,
    resource_uri: `/api/v2/intelligence/${entry.id}/`,
  };
}

/** Another organisation's copy of the same value, which it had from the same feed. */
export function foreignCopy(id: number, kind: Kind, value: string): Readonly<Record<string, unknown>> {
  return {
    value,
    type: kind,
    subtype: subtypeOf({ kind, value }),
    id: FOREIGN_IDS + id,
    itype: `mal_${kind}`,
    status: 'active',
    confidence: 60,
    source_reported_confidence: 60,
    meta: { severity: 'medium' },
    tags: [{ id: '0', name: 'mdti', tlp: null }],
    tlp: '',
    expiration_ts: NEVER,
    update_id: 1,
    import_session_id: null,
    is_public: true,
    is_editable: false,
    owner_organization_id: FOREIGN_ORGANISATION_ID,
    source: 'another organisation',
    resource_uri: `/api/v2/intelligence/${FOREIGN_IDS + id}/`,
  };
}

/** Entries of one profile show the same tags. */
const tagsOfProfile = new WeakMap<Profile, readonly Readonly<Record<string, unknown>>[]>();

function shownTags(profile: Profile): readonly Readonly<Record<string, unknown>>[] {
  const known = tagsOfProfile.get(profile);
  if (known !== undefined) return known;
  const tags = profile.tags.map(({ name, tlp }, index) => ({ id: String(index), name, tlp }));
  tagsOfProfile.set(profile, tags);
  return tags;
}
