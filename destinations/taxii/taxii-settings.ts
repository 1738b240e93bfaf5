import { z } from 'zod';
import { duration } from '../../settings/duration.ts';
import { secretRef } from '../../settings/secret-ref.ts';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { webAddress } from '../../settings/web-address.ts';

const basic = z.strictObject({
  user: settingOf(secretRef('user'), 'Where the user name is.', { example: { env: 'TAXII_USER' } }),
  password: settingOf(secretRef('text'), 'Where the password is.', { example: { env: 'TAXII_PASSWORD' } }),
});
const bearer = z.strictObject({
  token: settingOf(secretRef('header'), 'Where the token is.', { example: { env: 'TAXII_TOKEN' } }),
});

const SIGN_IN =
  'expected { user: …, password: … }, { token: … }, or certificate where the client certificate alone says who we are';

const certificate = z.strictObject({
  path: settingOf(
    z.string().min(1),
    'Path of a PEM file with the client certificate and its private key, the certificate first.',
    { example: '/etc/mdti-sync/taxii.pem' },
  ),
  password: settingOf(secretRef('text').optional(), 'Where the password of the private key is.', {
    example: { env: 'TAXII_CERTIFICATE_PASSWORD' },
    otherwise: 'it has none',
  }),
});

/** How indicators are delivered to one TAXII 2.1 collection. Out: durations in milliseconds, sizes in bytes. */
export const taxiiSection = z
  .strictObject({
    type: z.literal('taxii').describe('A TAXII 2.1 collection.'),
    apiRoot: settingOf(webAddress, 'Address of the API root that has the collection, not of the discovery.', {
      example: 'https://taxii.example.com/api1',
    }),
    collection: settingOf(
      z
        .string()
        .regex(/^(?!\.{1,2}$)[\w.~-]{1,200}$/, { error: 'expected the id of a collection, as its server shows it' }),
      'Id of the collection: it has to be one that may be read and written.',
      { example: '91a7b528-80eb-42ed-a74d-c6fbd5a26116' },
    ),
    signIn: settingOf(
      z.union([basic, bearer, z.literal('certificate')], { error: SIGN_IN }),
      'How to sign in: { user, password } (Basic), { token } (Bearer), or certificate where the client certificate alone says who we are.',
      { example: { user: { env: 'TAXII_USER' }, password: { env: 'TAXII_PASSWORD' } } },
    ),
    certificate: settingOf(
      certificate.optional(),
      'The client certificate, for a server that asks for one: the path of a PEM file with its private key, and where the password of that key is, if it has one.',
      { example: { path: '/etc/mdti-sync/taxii.pem' }, otherwise: 'none is shown' },
    ),
    createdBy: setting(
      z.string().min(1).max(200),
      'Name of the identity that is written as who has created the indicators.',
      'mdti-sync',
    ),
    maxObjects: setting(z.int().min(1).max(1_000), 'Indicators of one request at most.', 500),
    idsAtOnce: setting(
      z.int().min(1).max(500),
      'Indicators that are asked for in one address at most: some servers take none above 4,094 characters.',
      75,
    ),
    requestsPerSecond: setting(
      z.number().min(0.01).max(100_000),
      'Requests in a second, over all workers and all pipelines that sign in alike: where they differ, the lowest holds.',
      5,
    ),
    maxReply: setting(
      size({ min: '64KiB', max: '256MiB' }),
      'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again.',
      '64MiB',
    ),
    lostAckGrace: setting(
      duration({ min: '0s', max: '1d' }),
      'What left without an acknowledgement, and is not there, is sent again only so long after the request ended: a server may still be taking it in.',
      '1m',
    ),
    confirmPoll: setting(
      duration({ min: '100ms', max: '10m' }),
      'How soon to look again for what is not there yet.',
      '2s',
    ),
    confirmFor: setting(
      duration({ min: '1s', max: '1d' }),
      'How long what was sent may take to show before what does not is set aside.',
      '10m',
    ),
  })
  .superRefine(({ apiRoot, collection }, context) => {
    const below = ['/collections', `/collections/${collection}`, `/collections/${collection}/objects`];
    const end = below.find((path) => apiRoot.endsWith(path));
    if (end === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['apiRoot'],
      message: `expected the address of the API root, without ${end}`,
      params: { suggestion: apiRoot.slice(0, -end.length) },
    });
  })
  .superRefine(({ signIn, certificate: shown }, context) => {
    if (signIn !== 'certificate' || shown !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['signIn'],
      message: 'certificate needs the setting certificate beside it',
    });
  });

type Section = z.output<typeof taxiiSection>;

/** The settings as the adapter uses them, with the secrets themselves. */
export type TaxiiSettings = Omit<Section, 'type' | 'signIn' | 'certificate' | 'maxReply' | 'requestsPerSecond'> & {
  /** Of the `Authorization` header; null: the client certificate says it. */
  readonly authorization: string | null;
};
