import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { ClientCertificate } from '../../http/http-client.ts';
import { certificateProblem } from '../../settings/certificate-files.ts';
import type { Secrets } from '../../settings/secrets.ts';
import { sameAddress } from '../../settings/web-address.ts';
import { destinationKind } from '../kind.ts';
import { createTaxii } from './taxii.ts';
import { taxiiSection } from './taxii-settings.ts';

type Settings = z.output<typeof taxiiSection>;

/** Of an id, case says nothing; of an alias it may. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A TAXII 2.1 collection. */
export const taxii = destinationKind({
  title: 'TAXII 2.1',
  stability: 'beta',
  section: taxiiSection,
  hosts: ({ apiRoot }) => [apiRoot],
  permissions: ({ collection }) => [
    `To read the collection ${collection} and to write to it (can_read and can_write): without reading, nothing could be confirmed`,
  ],
  account: (settings, secrets) => `TAXII ${new URL(settings.apiRoot).host} as ${whoIs(settings, secrets)}`,
  // Ids are a deployment's own: what another one has written into the same collection is not ours to adopt or to revoke.
  tenant: ({ apiRoot, collection }, deployment) =>
    `TAXII ${sameAddress(apiRoot)} collection ${UUID.test(collection) ? collection.toLowerCase() : collection} of ${deployment}`,
  files: ({ certificate }, secrets) =>
    certificate === undefined
      ? []
      : [
          {
            setting: 'certificate.path',
            path: certificate.path,
            problem: (pem, now) =>
              certificateProblem(pem, passwordOf(certificate, secrets), now, { passwordAt: 'certificate.password' }),
          },
        ],
  requestsPerSecond: ({ requestsPerSecond }) => requestsPerSecond,
  create(settings, secrets, { http, ...deps }) {
    const { type: _type, signIn, certificate, maxReply, requestsPerSecond: _perSecond, ...own } = settings;
    return createTaxii(
      { ...own, authorization: authorizationOf(signIn, secrets) },
      { ...deps, http: http({ bytes: maxReply }, certificate && shownCertificate(certificate, secrets)) },
    );
  },
  demo: ({ url, credentials: { user = '', password = '', collection = '' } }) => ({
    destination: {
      type: 'taxii' as const,
      apiRoot: `${url}/api1`,
      collection,
      signIn: { user: { env: 'TAXII_USER' }, password: { env: 'TAXII_PASSWORD' } },
      requestsPerSecond: 100_000,
      confirmPoll: '200ms',
      lostAckGrace: '10s',
    },
    env: { TAXII_USER: user, TAXII_PASSWORD: password },
  }),
});

/** (Source: RFC 7617; RFC 6750.) */
function authorizationOf(signIn: Settings['signIn'], secrets: Secrets): string | null {
  if (signIn === 'certificate') return null;
  if ('token' in signIn) return `Bearer ${secrets(signIn.token).reveal()}`;
  const pair = `${secrets(signIn.user).reveal()}:${secrets(signIn.password).reveal()}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A key to compare. */
function whoIs({ signIn, certificate }: Settings, secrets: Secrets): string {
  if (signIn === 'certificate') return `the certificate ${certificate?.path ?? ''}`;
  if ('user' in signIn) return secrets(signIn.user).reveal();
  return `the token ${createHash('sha256').update(secrets(signIn.token).reveal()).digest('hex').slice(0, 16)}`;
}

type Certificate = NonNullable<Settings['certificate']>;

function shownCertificate(certificate: Certificate, secrets: Secrets): ClientCertificate {
  const password = passwordOf(certificate, secrets);
  return { pem: readFileSync(certificate.path, 'utf8'), ...(password === undefined ? {} : { password }) };
}

function passwordOf({ password }: Certificate, secrets: Secrets): string | undefined {
  return password === undefined ? undefined : secrets(password).reveal();
}
