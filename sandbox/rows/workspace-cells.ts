import { CREDENTIALS } from '../credentials.ts';

/** What every row of the workspace says alike, by column. */
export const WORKSPACE_CELLS: Readonly<Record<string, string>> = {
  TenantId: CREDENTIALS.workspaceId,
  WorkspaceId: CREDENTIALS.workspaceId,
  AzureTenantId: CREDENTIALS.tenantId,
  Type: 'ThreatIntelIndicators',
  _ResourceId: '',
};
