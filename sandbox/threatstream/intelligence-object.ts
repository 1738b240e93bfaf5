import type { Entry } from './holdings.ts';
import type { Kind } from './kinds.ts';
import { subtypeOf } from './observables.ts';
import { FOREIGN_IDS, FOREIGN_ORGANISATION_ID, OUR_ORGANISATION_ID, USER_ID } from './organisation.ts';
import type { Profile } from './profile.ts';

/** How ThreatStream writes that something never expires. */
const NEVER = '9999-12-31T00:00:00.000Z';

/** `inactive` is what waits for a review, too. */
export function statusOf({ state }: Entry): 'active' | 'inactive' {
  return state === 'active' ? 'active' : 'inactive';
}

/** What an observable shows besides what it is, in the form of the recorded ones. (XSOAR `AnomaliThreatStreamv3`, test data.) */
const PLAIN = {
  source_created: null,
  ip: null,
  feed_id: 0,
  workgroups: [],
  rdns: null,
  retina_confidence: -1,
  trusted_circle_ids: null,
  source_modified: null,
  description: null,
  threatscore: 40,
  latitude: null,
  longitude: null,
  org: '',
  asn: '',
  is_anonymous: false,
  country: null,
  can_add_public_tags: true,
} as const;

/** One of our organisation's observables as the API shows it. */
export function intelligenceObject(entry: Entry, profile: Profile): Readonly<Record<string, unknown>> {
  const modified = new Date(entry.heldAt).toISOString();
  return {
    ...PLAIN,
    status: statusOf(entry),
    itype: profile.itype,
    expiration_ts: profile.expiration ?? NEVER,
    is_editable: true,
    update_id: entry.updateId,
    value: entry.value,
    is_public: profile.isPublic,
    threat_type: 'malware',
    confidence: profile.confidence,
    uuid: uuidOf(entry.id),
    id: entry.id,
    source: profile.source,
    owner_organization_id: OUR_ORGANISATION_ID,
    import_session_id: profile.sessionId === null ? null : Number(profile.sessionId),
    type: entry.kind,
    sort: [entry.heldAt, String(entry.id)],
    tags: shownTags(profile),
    modified_ts: modified,
    created_ts: modified,
    tlp: profile.tlp,
    source_reported_confidence: profile.confidence,
    subtype: subtypeOf(entry),
    meta: { detail2: `imported by user ${USER_ID}`, severity: profile.severity },
    resource_uri: `/api/v2/intelligence/${entry.id}/`,
  };
}

/** Another organisation's copy of the same value, which it had from the same feed. */
export function foreignCopy(id: number, kind: Kind, value: string): Readonly<Record<string, unknown>> {
  const theirs = FOREIGN_IDS + id;
  return {
    ...PLAIN,
    status: 'active',
    itype: `mal_${kind}`,
    expiration_ts: NEVER,
    is_editable: false,
    update_id: 1,
    value,
    is_public: true,
    threat_type: 'malware',
    confidence: 60,
    uuid: uuidOf(theirs),
    id: theirs,
    source: 'another organisation',
    owner_organization_id: FOREIGN_ORGANISATION_ID,
    import_session_id: null,
    type: kind,
    sort: [0, String(theirs)],
    tags: [{ id: 'f6g', name: 'mdti' }],
    modified_ts: '2026-01-01T00:00:00.000Z',
    created_ts: '2026-01-01T00:00:00.000Z',
    tlp: null,
    source_reported_confidence: 60,
    subtype: subtypeOf({ kind, value }),
    meta: { detail2: 'imported by user 1', severity: 'medium' },
    resource_uri: `/api/v2/intelligence/${theirs}/`,
  };
}

function uuidOf(id: number): string {
  return `00000000-0000-4000-8000-${id.toString(16).padStart(12, '0')}`;
}

/** Entries of one profile show the same tags. */
const tagsOfProfile = new WeakMap<Profile, readonly Readonly<Record<string, unknown>>[] | null>();

/** None at all are `null`. A tag without a TLP has no field for it. */
function shownTags(profile: Profile): readonly Readonly<Record<string, unknown>>[] | null {
  const known = tagsOfProfile.get(profile);
  if (known !== undefined) return known;
  const shown = profile.tags.map(({ name, tlp }, index) => ({
    id: `t${index}`,
    name,
    ...(tlp === null ? {} : { tlp }),
  }));
  const tags = shown.length === 0 ? null : shown;
  tagsOfProfile.set(profile, tags);
  return tags;
}
