import { sameAddress } from '../../settings/web-address.ts';
import { enrichment } from '../enrichment.ts';
import { destinationKind } from '../kind.ts';
import { openCtiSelect } from './artifact-select.ts';
import { digestOf } from './digest.ts';
import { createOpenCti } from './opencti.ts';
import { createOpenCtiArtifacts } from './opencti-artifacts.ts';
import { openCtiSection } from './opencti-settings.ts';

/** OpenCTI, 6.5 and later. */
export const opencti = destinationKind({
  title: 'OpenCTI',
  stability: 'beta',
  section: openCtiSection,
  hosts: ({ baseUrl }) => [baseUrl],
  // (Source: OpenCTI, http/httpTaxii.js; `@auth(for: [KNOWLEDGE])` of `indicators`.)
  permissions: () => [
    'Access data sharing (TAXIIAPI): to push, where the ingester lets the user in',
    'Access knowledge (KNOWLEDGE): to read back what was pushed; with every marking that is delivered among its allowed ones',
    'The user that the ingester works as, which may be another one: to create and update knowledge, with a confidence level that is not below that of others who write the same indicators',
  ],
  account: ({ baseUrl, token }, secrets) => `OpenCTI ${sameAddress(baseUrl)} as ${digestOf(secrets(token).reveal())}`,
  // Whoever delivers there, an indicator has one id.
  tenant: ({ baseUrl }) => `OpenCTI ${sameAddress(baseUrl)}`,
  requestsPerSecond: ({ requestsPerSecond }) => requestsPerSecond,
  create({ token, maxReply, ...settings }, secrets, { http, requestTimeoutMs, ...deps }) {
    return createOpenCti(
      { ...settings, token: secrets(token).reveal(), requestTimeout: requestTimeoutMs },
      { ...deps, http: http({ bytes: maxReply }) },
    );
  },
  enrichment: enrichment<typeof openCtiSection, typeof openCtiSelect>({
    select: openCtiSelect,
    writes: ['comment', 'score'],
    permissions: [
      'Access knowledge (KNOWLEDGE): to read observables, with their markings among its allowed ones',
      'Create / Update knowledge (KNOWLEDGE_KNUPDATE): to label and score them, and to write notes',
      'Manage labels & attributes (SETTINGS_SETLABELS): to make labels that there are not yet',
    ],
    create({ token, maxReply, ...settings }, select, secrets, { http, ...deps }) {
      return createOpenCtiArtifacts({ ...settings, token: secrets(token).reveal() }, select, {
        ...deps,
        http: http({ bytes: maxReply }),
      });
    },
  }),
  demo: ({ url, credentials: { token = '', collection = '' } }) => ({
    destination: {
      type: 'opencti' as const,
      baseUrl: url,
      collection,
      token: { env: 'OPENCTI_TOKEN' },
      requestsPerSecond: 100_000,
      confirmPoll: '200ms',
      lostAckGrace: '10s',
    },
    env: { OPENCTI_TOKEN: token },
  }),
});
