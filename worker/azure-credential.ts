import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { type AzureIdentity, azureFault } from '../http/azure-fault.ts';
import { azureTransport } from '../http/azure-transport.ts';
import { recordedClient } from '../http/recorded-client.ts';
import { trustedRoots } from '../http/trusted-roots.ts';
import { createHttpClient } from '../http/undici-client.ts';

/** Whose token the Azure APIs get. */
export interface AzureCredentialSettings {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential:
    | { readonly type: 'clientSecret'; readonly clientSecret: string }
    /** A PEM file with the certificate and its private key. */
    | { readonly type: 'clientCertificate'; readonly path: string }
    /** `tokenFile` is AZURE_FEDERATED_TOKEN_FILE when left out. */
    | { readonly type: 'workloadIdentity'; readonly tokenFile?: string }
    | { readonly type: 'managedIdentity' }
    | { readonly type: 'default' };
  /** `https://login.microsoftonline.us`, … ; the public cloud, or AZURE_AUTHORITY_HOST, when left out. */
  readonly authorityHost?: string;
  /** False for private clouds, whose authority host the public cloud does not know. */
  readonly instanceDiscovery: boolean;
}

export interface AzureCredentialOptions {
  /** PEM certificates trusted in addition to the system's. */
  readonly ca?: string;
  readonly proxy?: string;
}

const ENTRA = 'Entra ID';
const TIMEOUT_MS = 30_000;
const CONNECTIONS = 4;

/**
 * The credential of the settings, which caches its tokens. It throws only `Fault`s, here and from `getToken`: `Refused` names the
 * setting, the client and the tenant.
 */
export function createAzureCredential(
  settings: AzureCredentialSettings,
  options: AzureCredentialOptions = {},
): TokenCredential {
  const identity: AzureIdentity = {
    tenantId: settings.tenantId,
    clientId: settings.clientId,
    credential: settings.credential.type,
  };
  const recorded = recordedClient(createHttpClient({ ...options, timeoutMs: TIMEOUT_MS, connections: CONNECTIONS }));
  const credential = faulty(identity, () => credentialOf(settings, options, azureTransport(recorded.http)));
  return {
    async getToken(scopes, tokenOptions) {
      try {
        return await credential.getToken(scopes, tokenOptions);
      } catch (error) {
        throw azureFault(ENTRA, error, { identity, outcome: recorded.last() });
      }
    },
  };
}

function faulty(identity: AzureIdentity, create: () => TokenCredential): TokenCredential {
  try {
    return create();
  } catch (error) {
    throw azureFault(ENTRA, error, { identity });
  }
}

function credentialOf(
  settings: AzureCredentialSettings,
  { ca }: AzureCredentialOptions,
  transport: NonNullable<TokenCredentialOptions['httpClient']>,
): TokenCredential {
  const { tenantId, clientId, credential, authorityHost } = settings;
  const authority = {
    ...(authorityHost === undefined ? {} : { authorityHost }),
    disableInstanceDiscovery: !settings.instanceDiscovery,
  };
  // The engine retries, where an operator sees it.
  const ours = { ...authority, httpClient: transport, retryOptions: { maxRetries: 0 } };
  const roots = trustedRoots(ca);
  // A managed identity's endpoint is on the machine itself: it is reached without the proxy, and needs the SDK's own retries.
  const theirs = { ...authority, ...(roots === undefined ? {} : { tlsOptions: { ca: roots } }) };
  switch (credential.type) {
    case 'clientSecret':
      return new ClientSecretCredential(tenantId, clientId, credential.clientSecret, ours);
    case 'clientCertificate':
      return new ClientCertificateCredential(tenantId, clientId, { certificatePath: credential.path }, ours);
    case 'workloadIdentity': {
      const { tokenFile } = credential;
      const file = tokenFile === undefined ? {} : { tokenFilePath: tokenFile };
      return new WorkloadIdentityCredential({ ...ours, ...file, tenantId, clientId });
    }
    case 'managedIdentity':
      return new ManagedIdentityCredential({ clientId });
    case 'default':
      return new DefaultAzureCredential({
        ...theirs,
        tenantId,
        managedIdentityClientId: clientId,
        workloadIdentityClientId: clientId,
      });
  }
}
