import { z } from 'zod';
import { secretRef } from '../settings/secret-ref.ts';
import { size } from '../settings/size.ts';
import { webAddress } from '../settings/web-address.ts';
import { CLOUDS } from './cloud-endpoints.ts';

const CREDENTIALS = ['clientSecret', 'clientCertificate', 'workloadIdentity', 'managedIdentity', 'default'] as const;

const anId = 'expected an id such as 11111111-2222-3333-4444-555555555555';

/** Of these letters the SDK makes an address; with others it says of no request that it could be made. */
const directoryId = z
  .string({ error: anId })
  .min(1, { error: `${anId}, found an empty text` })
  .regex(/^[0-9A-Za-z.-]+$/, { error: `${anId}, of letters, digits, dots and - alone` });

/** How mdti-sync signs in to Azure. */
export const azureSection = z
  .strictObject({
    tenantId: directoryId.optional().describe('Directory (tenant) id. Needed for clientSecret and clientCertificate.'),
    clientId: directoryId
      .optional()
      .describe(
        'Application (client) id of the app registration; for managedIdentity, of a user-assigned identity. Needed for clientSecret and clientCertificate.',
      ),
    credential: z
      .enum(CREDENTIALS)
      .prefault('default')
      .describe(
        'How to sign in. default: what the environment offers (AZURE_* variables, workload identity, managed identity, Azure CLI). Default: default',
      ),
    clientSecret: secretRef('text')
      .optional()
      .describe('For credential clientSecret: where the secret is. Example: { env: AZURE_CLIENT_SECRET }'),
    certificatePath: z
      .string()
      .min(1)
      .optional()
      .describe(
        'For credential clientCertificate: path of a PEM file with certificate and private key, from the working directory.',
      ),
    certificatePassword: secretRef('text')
      .optional()
      .describe('For credential clientCertificate: where the password of its private key is, if it has one.'),
    cloud: z
      .enum(CLOUDS)
      .prefault('public')
      .describe('Azure cloud: chooses the addresses of Entra ID, Log Analytics and Microsoft Graph. Default: public'),
    authorityHost: webAddress
      .optional()
      .describe('Address of Entra ID, https. Default: that of the cloud. Example: https://login.microsoftonline.com'),
    maxReply: size({ min: '64KiB', max: '256MiB' })
      .prefault('1MiB')
      .describe(
        'An answer of Entra ID that is larger is read no further: it counts as none, and is asked for again. Not for the credentials managedIdentity and default, which the SDK asks for by itself. Default: 1MiB',
      ),
    instanceDiscovery: z
      .boolean()
      .prefault(true)
      .describe(
        'Ask Microsoft whether authorityHost is one of theirs; false for private clouds and stand-ins. Default: true',
      ),
  })
  .superRefine((azure, context) => {
    const need = (field: 'tenantId' | 'clientId' | 'clientSecret' | 'certificatePath') => {
      if (azure[field] !== undefined) return;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `is missing: credential ${azure.credential} needs it`,
      });
    };
    if (azure.credential === 'clientSecret')
      for (const field of ['tenantId', 'clientId', 'clientSecret'] as const) need(field);
    if (azure.credential === 'clientCertificate')
      for (const field of ['tenantId', 'clientId', 'certificatePath'] as const) need(field);
  });
