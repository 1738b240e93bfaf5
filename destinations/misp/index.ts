import { createHash } from 'node:crypto';
import { enrichment } from '../enrichment.ts';
import { destinationKind } from '../kind.ts';
import { createMisp } from './misp.ts';
import { createMispArtifacts } from './misp-artifacts.ts';
import { audienceOf } from './misp-ids.ts';
import { mispSection } from './misp-settings.ts';
import { selectSection } from './select-section.ts';

/** MISP. */
export const misp = destinationKind({
  title: 'MISP',
  stability: 'beta',
  section: mispSection,
  hosts: ({ baseUrl }) => [baseUrl],
  permissions: ({ publish }) => [
    'perm_add and perm_modify: to make events of its organisation and to change what is in them',
    'perm_tagger: to tag attributes, with their TLP too',
    'perm_tag_editor: to make tags that there are not yet; without it the tags of the taxonomy tlp have to be there',
    ...(publish === 'afterBatch' ? ['perm_publish: to publish its events'] : []),
  ],
  warnings: ({ distribution, publish }, { tlpCeiling }) => [
    ...(distribution !== 'organisation' && (tlpCeiling === 'red' || tlpCeiling.startsWith('amber'))
      ? [
          {
            setting: 'policy.tlpCeiling',
            sentence: `is ${tlpCeiling} while destination.distribution is ${distribution}: indicators that are marked for few go to more organisations.`,
          },
        ]
      : []),
    ...(publish === 'afterBatch'
      ? [
          {
            setting: 'destination.publish',
            sentence: 'is afterBatch: MISP mails its users at each batch with changes.',
          },
        ]
      : []),
  ],
  // The key is what MISP knows the user by.
  account: ({ baseUrl, apiKey }, secrets) =>
    `MISP ${new URL(baseUrl).host} ${createHash('sha256').update(secrets(apiKey).reveal()).digest('base64url')}`,
  // Whichever key writes it, an attribute has one uuid: of its deployment, and of those whom it is for.
  tenant: ({ baseUrl, ...settings }, deployment) =>
    `MISP ${new URL(baseUrl).href} of ${deployment} for ${audienceOf(settings)}`,
  requestsPerSecond: ({ requestsPerSecond }) => requestsPerSecond,
  create({ apiKey, maxReply, ...settings }, secrets, { http, ...deps }) {
    return createMisp({ ...settings, apiKey: secrets(apiKey).reveal() }, { ...deps, http: http({ bytes: maxReply }) });
  },
  enrichment: enrichment<typeof mispSection, typeof selectSection>({
    select: selectSection,
    writes: [],
    permissions: [
      'perm_tagger: to tag attributes',
      'perm_tag_editor: to make tags that there are not yet',
      'a user of the host organisation of the instance: for local tags on what other organisations have brought',
    ],
    create({ apiKey, maxReply, ...settings }, select, secrets, { http, ...deps }) {
      const own = { ...settings, apiKey: secrets(apiKey).reveal() };
      return createMispArtifacts(own, select, { ...deps, http: http({ bytes: maxReply }) });
    },
  }),
  demo: ({ url, credentials: { apiKey = '' } }) => ({
    destination: {
      type: 'misp' as const,
      baseUrl: url,
      apiKey: { env: 'MISP_API_KEY' },
      requestsPerSecond: 100_000,
      confirmPoll: '200ms',
    },
    env: { MISP_API_KEY: apiKey },
  }),
});
