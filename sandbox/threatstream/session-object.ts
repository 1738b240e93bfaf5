import { FOREIGN_ORGANISATION, OUR_ORGANISATION, OUR_ORGANISATION_ID, USER_ID } from './organisation.ts';
import { isProcessing, type Session } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

const APPROVER = 1;

/** An import session in the form that the recorded ones have. (XSOAR `AnomaliThreatStreamv3`, mocked_data.json.) */
export function sessionObject(
  session: Session,
  { sessionStatus }: Pick<ThreatStreamFaults, 'sessionStatus'>,
): Readonly<Record<string, unknown>> & { readonly status: string } {
  const { record } = session;
  const processing = isProcessing(session);
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
    fileName: null,
    fileType: 'analyst',
    file_name_label: null,
    id: Number(record.id),
    intelligence_initiatives: [],
    intelligence_source: record.source,
    is_anonymous: false,
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
    source_confidence_weight: 100,
    status: sessionStatus ?? (processing ? 'processing' : record.status),
    tags: record.tags.map(({ name }, index) => ({ id: `t${index}`, name, org_id: OUR_ORGANISATION_ID })),
    threat_type: record.threatType,
    tlp: record.tlp,
    trusted_circles: [],
    user_id: USER_ID,
    visibleForReview: true,
    workgroups: [],
  };
}

/** Another organisation's session, as lists show them to members of a trusted circle. */
export function foreignSession(
  index: number,
  now: Date,
): Readonly<Record<string, unknown>> & { readonly status: string } {
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
    status: 'errors',
    tags: [{ id: 'x1', name: 'mdti', org_id: Number(FOREIGN_ORGANISATION.id) }],
    threat_type: 'exploit',
    tlp: null,
    trusted_circles: [],
    user_id: 111,
    visibleForReview: true,
    workgroups: [],
  };
}
