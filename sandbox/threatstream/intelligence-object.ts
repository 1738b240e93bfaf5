import type { Copy } from './copies.ts';
import { subtypeOf } from './observables.ts';
import { OUR_ORGANISATION_ID, USER_ID } from './organisation.ts';
import type { Profile } from './profile.ts';
import { tagId } from './tags.ts';

/** How ThreatStream writes that something never expires. */
const NEVER = '9999-12-31T00:00:00.000Z';

/** What an observable shows besides what it is, in the form of the recorded ones. (XSOAR `AnomaliThreatStreamv3`, test data.) */
const PLAIN = {
  source_created: null,
  ip: null,
  workgroups: [],
  rdns: null,
  retina_confidence: -1,
  source_modified: null,
  description: null,
  threatscore: 40,
  latitude: null,
  longitude: null,
  org: '',
  asn: '',
  country: null,
  can_add_public_tags: true,
} as const;

/** An observable as the API shows it. */
export function intelligenceObject(copy: Copy): Readonly<Record<string, unknown>> {
  const { id, value, kind, profile, isOurs } = copy;
  return {
    ...PLAIN,
    status: copy.status,
    itype: profile.itype,
    expiration_ts: profile.expiration ?? NEVER,
    feed_id: profile.origin?.feed ?? 0,
    trusted_circle_ids: profile.origin?.trustedCircles ?? null,
    is_editable: isOurs,
    is_anonymous: profile.isAnonymous,
    update_id: copy.updateId,
    value,
    is_public: profile.isPublic,
    threat_type: 'malware',
    confidence: profile.confidence,
    uuid: `00000000-0000-4000-8000-${id.toString(16).padStart(12, '0')}`,
    id,
    source: profile.source,
    owner_organization_id: profile.origin?.organisation ?? OUR_ORGANISATION_ID,
    import_session_id: profile.sessionId === null ? null : Number(profile.sessionId),
    type: kind,
    sort: [copy.updateId, String(id)],
    tags: shownTags(profile),
    modified_ts: new Date(copy.modifiedAt).toISOString(),
    created_ts: new Date(copy.createdAt).toISOString(),
    tlp: profile.tlp,
    source_reported_confidence: profile.confidence,
    subtype: subtypeOf({ kind, value }),
    meta: { detail2: `imported by user ${isOurs ? USER_ID : 1}`, severity: profile.severity },
    resource_uri: `/api/v2/intelligence/${id}/`,
  };
}

/** Entries of one profile show the same tags. */
const tagsOfProfile = new WeakMap<Profile, readonly Readonly<Record<string, unknown>>[] | null>();

/** None at all are `null`. A tag without a TLP has no field for it. */
function shownTags(profile: Profile): readonly Readonly<Record<string, unknown>>[] | null {
  const known = tagsOfProfile.get(profile);
  if (known !== undefined) return known;
  const shown = profile.tags.map((tag) => ({
    id: tagId(tag),
    name: tag.name,
    ...(tag.tlp === null ? {} : { tlp: tag.tlp }),
  }));
  const tags = shown.length === 0 ? null : shown;
  tagsOfProfile.set(profile, tags);
  return tags;
}
