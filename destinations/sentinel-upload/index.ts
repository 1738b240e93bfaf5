import { destinationKind } from '../kind.ts';
import { contradictions } from './contradictions.ts';
import { createSentinelUpload } from './sentinel-upload.ts';
import { sentinelUploadSection } from './sentinel-upload-settings.ts';

/** Microsoft Sentinel, another workspace or the one that is read. */
export const sentinelUpload = destinationKind({
  title: 'Microsoft Sentinel upload',
  stability: 'beta',
  section: sentinelUploadSection,
  hosts: ({ endpoint }) => [endpoint],
  permissions: ({ workspaceId }) => [
    `Microsoft Sentinel Contributor on workspace ${workspaceId}: to upload indicators`,
    `Log Analytics Reader on workspace ${workspaceId}: to see what it shows of them`,
  ],
  problems: contradictions,
  // The limit is of a user, and all pipelines sign in as the same one.
  account: ({ endpoint }) => `Sentinel upload at ${new URL(endpoint).host}`,
  // Ids are a deployment's own: what another one has uploaded is not ours to adopt or to revoke.
  tenant: ({ workspaceId, sourceSystem }, deployment) =>
    `Sentinel workspace ${workspaceId.toLowerCase()} source ${sourceSystem} of ${deployment}`,
  requestsPerSecond: ({ requestsPerSecond }) => requestsPerSecond,
  create({ maxReply, ...settings }, _secrets, { http, requestTimeoutMs, ...deps }) {
    return createSentinelUpload(
      { ...settings, requestTimeout: requestTimeoutMs },
      { ...deps, http: http({ bytes: maxReply }) },
    );
  },
  demo: ({ url, credentials: { workspaceId = '' } }) => ({
    destination: {
      type: 'sentinel-upload' as const,
      workspaceId,
      endpoint: url,
      requestsPerSecond: 100_000,
      lostAckGrace: '10s',
      confirmPoll: '200ms',
    },
    env: {},
  }),
});
