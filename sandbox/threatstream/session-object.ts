import { OUR_ORGANISATION } from './organisation.ts';
import { isProcessing, type Session } from './sessions.ts';

const APPROVER = 1;

/** An import session as the API shows it. */
export function sessionObject(session: Session): Readonly<Record<string, unknown>> {
  const { record } = session;
  const processing = isProcessing(session);
  return {
    id: Number(record.id),
    status: processing ? 'processing' : record.status,
    approved_by_id: !processing && record.status === 'approved' ? APPROVER : null,
    confidence: record.confidence,
    numIndicators: processing ? 0 : record.accepted,
    numRejected: processing ? 0 : record.rejected,
    num_private: processing || record.isPublic ? 0 : record.accepted,
    num_public: processing || !record.isPublic ? 0 : record.accepted,
    messages: processing ? '' : record.messages,
    jobID: record.jobId,
    fileName: '',
    fileType: 'analyst',
    intelligence_source: record.source,
    is_anonymous: false,
    is_public: record.isPublic,
    expiration_ts: record.expiration,
    date: record.created.slice(0, 23),
    date_modified: record.modified.slice(0, 23),
    default_comment: null,
    threat_type: record.threatType,
    tlp: record.tlp,
    trusted_circles: [],
    tags: record.tags.map(({ name }, index) => ({ id: String(index), name, org_id: String(OUR_ORGANISATION.id) })),
    visibleForReview: true,
    workgroups: [],
    organization: OUR_ORGANISATION,
  };
}
