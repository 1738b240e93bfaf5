import { z } from 'zod';
import { parseJson } from '../logs/kql/value.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { json, trouble } from './answer.ts';
import type { DestinationTable } from './destination-table.ts';
import { rowId, rowsOf } from './object-rows.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';
import { isIndicator } from './stix-object.ts';
import type { Upload, Uploads } from './uploads.ts';

/** Where a workspace is, as Azure's management names it. */
export interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspaceName: string;
}

interface Managed {
  readonly uploads: Uploads;
  readonly table: DestinationTable;
  readonly faults: SentinelUploadFaults;
  readonly now: Date;
}

const query = z.looseObject({
  condition: z.looseObject({
    clauses: z.array(z.object({ field: z.string(), operator: z.literal('Equals'), values: z.array(z.string()) })),
  }),
});

/** (Source: learn.microsoft.com/rest/api/securityinsights, "Threat Intelligence Indicator".) */
function baseOf({ subscriptionId, resourceGroup, workspaceName }: Place): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}/providers/Microsoft.SecurityInsights/threatIntelligence/main`;
}

/**
 * As much of the management API as clients of the upload API use: `POST …/query` by id and source, all in one page, and `DELETE` of what
 * that found. (Source: OpenCTI-Platform/connectors, microsoft-sentinel-intel.)
 */
export function manage(request: WireRequest, place: Place, managed: Managed): WireAnswer {
  const base = baseOf(place);
  if (!request.path.startsWith(`${base}/`)) return trouble(404, 'Resource not found');
  const [resource, name, ...rest] = request.path.slice(base.length + 1).split('/');
  if (resource === 'query' && name === undefined && request.method === 'POST') return find(request, base, managed);
  if (resource === 'indicators' && name !== undefined && rest.length === 0 && request.method === 'DELETE') {
    return remove(decodeURIComponent(name), managed);
  }
  return trouble(404, 'Resource not found');
}

function find({ body }: WireRequest, base: string, { uploads }: Managed): WireAnswer {
  const read = query.safeParse(parseJson(body));
  if (!read.success) return trouble(400, 'The query is not valid.');
  const { clauses } = read.data.condition;
  const found = uploads
    .all()
    .filter((each) => clauses.every(({ field, values }) => values.includes(fieldOf(each, field))));
  const value = found.map(({ source, object }) => {
    const name = rowId(source, object.id);
    const id = `${base}/indicators/${encodeURIComponent(name)}`;
    return { id, name, kind: object.type, properties: { source, data: object } };
  });
  return json(200, { value });
}

function fieldOf({ source, object }: Upload, field: string): string {
  if (field === 'id') return object.id;
  return field === 'source' ? source : '';
}

/** See `sentinelUploadFaults.deletes`. */
function remove(id: string, { uploads, table, faults, now }: Managed): WireAnswer {
  if (faults.deletes === 'object') {
    const deleted = uploads.delete(id, now);
    if (deleted === null) return { status: 204, body: '' };
    const { source, object } = deleted;
    if (isIndicator(object)) {
      table.write(rowsOf({ source, object, isDeleted: true, republished: false, now }, faults), now);
    }
  }
  return { status: 200, body: '' };
}
