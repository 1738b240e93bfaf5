import { z } from 'zod';
import type { Workspace } from '../logs/workspace.ts';
import { THREAT_INTEL_INDICATORS, THREAT_INTELLIGENCE_INDICATOR } from '../rows/columns.ts';
import type { Given, StandIn, Tip } from '../stand-in.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { admission } from './admission.ts';
import { trouble } from './answer.ts';
import { DestinationTable, savedTable } from './destination-table.ts';
import { manage } from './management-api.ts';
import { hasEnded, rowsOf } from './object-rows.ts';
import { Rate } from './rate.ts';
import { type SentinelUploadFaults, sentinelUploadFaults } from './sentinel-upload-faults.ts';
import { isIndicator } from './stix-object.ts';
import { uploadObjects } from './upload-objects.ts';
import { readUpload } from './upload-request.ts';
import { savedUploads, Uploads } from './uploads.ts';

export interface SentinelUploadTip extends Tip {
  /** The workspace that is uploaded to, for the Log Analytics stand-in to answer queries of. */
  readonly workspace: Workspace;
  /**
   * All that has not ended once more, as the service does every 7 to 10 days. (Source: learn.microsoft.com, "Threat intelligence in
   * Microsoft Sentinel".)
   */
  republish(): void;
}

/** What a client signs in with is Entra ID's; these say where to. */
const CREDENTIALS = {
  workspaceId: '00000000-5a4d-b0c5-0000-000000000004',
  subscriptionId: '00000000-5a4d-b0c5-0000-000000000005',
  resourceGroup: 'sandbox',
  workspaceName: 'destination',
} as const;

const UPLOAD = `/workspaces/${CREDENTIALS.workspaceId}/threat-intelligence-stix-objects:upload`;

const snapshotShape = z.object({ uploads: savedUploads, table: savedTable });

/** Microsoft Sentinel's upload API for STIX objects, with the workspace that it fills. (Source: learn.microsoft.com, "stix-objects-api".) */
export const SENTINEL_UPLOAD_STAND_IN = {
  name: 'sentinel-upload',
  credentials: CREDENTIALS,
  faults: sentinelUploadFaults,
  open(given: Given<SentinelUploadFaults>): SentinelUploadTip {
    const { faults, now, restore } = given;
    const saved = restore === undefined ? null : snapshotShape.parse(restore);
    const uploads = new Uploads(saved?.uploads);
    const table = new DestinationTable(CREDENTIALS.workspaceId, faults, saved?.table);
    const rate = new Rate(given.perSecond, now);
    const counts = { requests: 0, throttled: 0 };

    const respond = (request: WireRequest): WireAnswer => {
      const using = { uploads, table, faults: faults(), now: now() };
      const denied = admission(request, given);
      if (denied?.status === 401) return denied;
      if (request.path.startsWith('/subscriptions/')) return denied ?? manage(request, CREDENTIALS, using);
      const throttled = rate.take(using.faults);
      if (throttled !== null) {
        counts.throttled += 1;
        return throttled;
      }
      if (denied !== null) return denied;
      if (request.path !== UPLOAD || request.method !== 'POST') return trouble(404, 'Resource not found');
      const upload = readUpload(request);
      return 'status' in upload ? upload : uploadObjects(upload.source, upload.objects, using);
    };

    const republish = (): void => {
      for (const { source, object } of uploads.all()) {
        if (!isIndicator(object) || hasEnded(object, now())) continue;
        table.write(rowsOf({ source, object, isDeleted: false, republished: true, now: now() }, faults()), now());
      }
    };

    return {
      handle: async (request) => {
        counts.requests += 1;
        return respond(request);
      },
      counts: () => ({ ...counts, ...uploads.counts(now()) }),
      items: () => uploads.items(now()),
      snapshot: () => ({ uploads: uploads.save(), table: table.save() }),
      workspace: {
        id: CREDENTIALS.workspaceId,
        tables: [
          { schema: THREAT_INTEL_INDICATORS, segments: () => table.segments(now()) },
          { schema: THREAT_INTELLIGENCE_INDICATOR, segments: () => [] },
        ],
      },
      republish,
      controls: {
        republish() {
          republish();
          return {};
        },
      },
    };
  },
} satisfies StandIn<SentinelUploadFaults>;
