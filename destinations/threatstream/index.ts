import { enrichment } from '../enrichment.ts';
import { destinationKind } from '../kind.ts';
import { threatstreamSelection } from './artifact-selection.ts';
import { threatstreamArtifacts } from './artifact-store.ts';
import { createThreatStream } from './threatstream.ts';
import { threatstreamSection } from './threatstream-settings.ts';

/** What the user must be allowed to do, by how indicators get in. (Source: ThreatStream's API reference, "privileges".) */
const PERMISSIONS = {
  required: ['Import Intel: to open import sessions, which an analyst approves'],
  automatic: ['Import Intel: to open import sessions', 'Approve Import: to have them active at once'],
  bypass: ['Approve Intel: to write indicators without an import session'],
} as const;

/** Anomali ThreatStream. */
export const threatstream = destinationKind({
  title: 'Anomali ThreatStream',
  stability: 'stable',
  section: threatstreamSection,
  hosts: ({ baseUrl }) => [baseUrl],
  permissions: ({ approval }) => PERMISSIONS[approval],
  warnings: ({ visibility }, { tlpCeiling }) =>
    visibility === 'private'
      ? []
      : [
          {
            setting: 'destination.visibility',
            sentence: 'is public: everyone on ThreatStream sees what is delivered.',
          },
          ...(tlpCeiling === 'red' || tlpCeiling.startsWith('amber')
            ? [
                {
                  setting: 'policy.tlpCeiling',
                  sentence: `is ${tlpCeiling} while its visibility is public: indicators that are marked for few go to everyone.`,
                },
              ]
            : []),
        ],
  account: ({ baseUrl, user }, secrets) => `ThreatStream ${new URL(baseUrl).host} as ${secrets(user).reveal()}`,
  tenant: ({ baseUrl, ownerOrganizationId: id }) =>
    id === undefined ? undefined : `ThreatStream ${new URL(baseUrl).host} organisation ${id}`,
  requestsPerSecond: ({ requestsPerSecond }) => requestsPerSecond,
  create({ user, apiKey, maxReply, ...settings }, secrets, { http, requestTimeoutMs, ...deps }) {
    return createThreatStream(
      {
        ...settings,
        user: secrets(user).reveal(),
        apiKey: secrets(apiKey).reveal(),
        requestTimeout: requestTimeoutMs,
      },
      { ...deps, http: http({ bytes: maxReply }) },
    );
  },
  enrichment: enrichment<typeof threatstreamSection, typeof threatstreamSelection>({
    select: threatstreamSelection,
    writes: ['comment', 'score'],
    permissions: [
      'to read intelligence and to tag it',
      'to comment on it, for write.comment',
      'to change what the organisation holds, for write.score',
    ],
    create({ user, apiKey, maxReply, ...settings }, selection, secrets, { http, requestTimeoutMs, ...deps }) {
      return threatstreamArtifacts(
        {
          ...settings,
          user: secrets(user).reveal(),
          apiKey: secrets(apiKey).reveal(),
          requestTimeout: requestTimeoutMs,
        },
        selection,
        { ...deps, http: http({ bytes: maxReply }) },
      );
    },
  }),
  demo: ({ url, credentials: { user = '', apiKey = '' } }) => ({
    destination: {
      type: 'threatstream' as const,
      baseUrl: url,
      user: { env: 'THREATSTREAM_USER' },
      apiKey: { env: 'THREATSTREAM_API_KEY' },
      approval: 'required' as const,
      requestsPerSecond: 100_000,
      confirmPoll: '200ms',
      lostAckGrace: '10s',
    },
    env: { THREATSTREAM_USER: user, THREATSTREAM_API_KEY: apiKey },
  }),
});
