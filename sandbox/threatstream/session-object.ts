import { FOREIGN_ORGANISATION, OUR_ORGANISATION, OUR_ORGANISATION_ID, USER_ID } from './organisation.ts';
import type { Tag } from './profile.ts';
import { type SessionRecord, statusOf } from './session-record.ts';
import { tagId } from './tags.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

const APPROVER = 1;

/**
 * An import session in the form that the recorded ones have. (XSOAR `AnomaliThreatStreamv3`, mocked_data.json.) What the type of a file is
 * called is UNCONFIRMED.
 */
export function sessionObject(
  record: SessionRecord,
  faults: Pick<ThreatStreamFaults, 'sessionStatus' | 'fileNames'>,
): Readonly<Record<string, unknown>> {
  const processing = statusOf(record) === 'processing';
  const modified = record.modified.slice(0, 23);
  return {
    approved_by_id: !processing && record.status === 'approved' ? APPROVER : null,
    confidence: record.confidence,
    date: record.created.slice(0, 23),
    date_modified: modified,
    default_comment: null,
    email: 'analyst@example.com',
    exclude_source_domain: false,
    expiration_ts: record.expiration,
    fileName: faults.fileNames === 'kept' ? record.fileName : null,
    fileType: record.fileType,
    file_name_label: null,
    id: Number(record.id),
    intelligence_initiatives: [],
    intelligence_source: record.source,
    is_anonymous: record.isAnonymous,
    is_public: record.isPublic,
    jobID: null,
    messages: processing ? '' : record.messages,
    name: '',
    notes: '',
    numIndicators: processing ? 0 : record.accepted,
    numRejected: processing ? 0 : record.rejected,
    num_private: processing || record.isPublic ? 0 : record.accepted,
    num_public: processing || !record.isPublic ? 0 : record.accepted,
    organization: OUR_ORGANISATION,
    processed_ts: processing ? null : modified,
    resource_uri: `/api/v1/importsession/${record.id}/`,
    sandbox_submit: null,
    source_confidence_weight: record.weight,
    status: shownStatus(record, faults),
    tags: record.tags.map(shownTag),
    threat_type: record.threatType,
    tlp: record.tlp,
    trusted_circles: [],
    user_id: USER_ID,
    visibleForReview: true,
    workgroups: [],
  };
}

/** What the session says of itself. */
export function shownStatus(
  record: SessionRecord,
  { sessionStatus }: Pick<ThreatStreamFaults, 'sessionStatus'>,
): string {
  return sessionStatus ?? statusOf(record);
}

function shownTag(tag: Tag): Readonly<Record<string, unknown>> {
  return { id: tagId(tag), name: tag.name, org_id: OUR_ORGANISATION_ID };
}

/** What all sessions of another organisation say. */
export const FOREIGN_STATUS = 'errors';

/** Another organisation's session, as lists show them to members of a trusted circle. */
export function foreignSession(index: number, now: Date): Readonly<Record<string, unknown>> {
  const time = now.toISOString().slice(0, 23);
  return {
    approved_by_id: null,
    confidence: 50,
    date: time,
    date_modified: time,
    default_comment: null,
    email: 'somebody@example.org',
    exclude_source_domain: false,
    expiration_ts: null,
    fileName: 'txt',
    fileType: 'url',
    file_name_label: null,
    id: 1 + index,
    intelligence_initiatives: [{ id: 1, type: 'malware-intelligence' }],
    intelligence_source: 'txt',
    is_anonymous: false,
    is_public: false,
    jobID: null,
    messages: 'Failed to import the URL ',
    name: '',
    notes: '',
    numIndicators: 0,
    numRejected: 0,
    num_private: 0,
    num_public: 0,
    organization: FOREIGN_ORGANISATION,
    processed_ts: time,
    resource_uri: `/api/v1/importsession/${1 + index}/`,
    sandbox_submit: null,
    source_confidence_weight: 0,
    status: FOREIGN_STATUS,
    tags: [{ id: 'x1', name: 'mdti', org_id: Number(FOREIGN_ORGANISATION.id) }],
    threat_type: 'exploit',
    tlp: null,
    trusted_circles: [],
    user_id: 111,
    visibleForReview: true,
    workgroups: [],
  };
}
