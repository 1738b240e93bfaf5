import { readFile } from 'node:fs/promises';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { ManagedIdentityApplication } from '@azure/msal-node';
import type { Observe, ReplyBound } from '../http/http-client.ts';
import type { Proxy } from '../http/proxy.ts';
import { recordedClient } from '../http/recorded-client.ts';
import { trustedRoots } from '../http/trusted-roots.ts';
import { createHttpClient } from '../http/undici-client.ts';
import { Fault } from '../indicators/fault.ts';
import { clientCertificateProblem } from '../settings/certificate-files.ts';
import { readText } from '../settings/read-secret.ts';
import { type AzureIdentity, azureFault, whose } from './azure-fault.ts';
import { azureTransport } from './azure-transport.ts';
import type { KeptCredential } from './kept-credential.ts';
import { keptTokens, type TokenSource } from './kept-tokens.ts';

/** Whose token the Azure APIs get. */
export interface AzureCredentialSettings {
  /** Empty: AZURE_TENANT_ID, where the kind of credential reads it. */
  readonly tenantId: string;
  /** Empty for a system-assigned managed identity; else AZURE_CLIENT_ID, where the kind of credential reads it. */
  readonly clientId: string;
  readonly credential:
    | { readonly type: 'clientSecret'; readonly clientSecret: string }
    /** A PEM file with the certificate and its private key, and the password of the key if it has one. */
    | { readonly type: 'clientCertificate'; readonly path: string; readonly password?: string }
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
  readonly proxy?: Proxy;
  /** The largest answer of Entra ID that is read, where it goes through our own client. */
  readonly replies?: ReplyBound;
  /** Told of each request for a token, where it goes through our own client. */
  readonly observe?: Observe;
}

export interface AzureCredential extends KeptCredential {
  close(): Promise<void>;
}

const ENTRA = 'Entra ID';
const TIMEOUT_MS = 30_000;
const CONNECTIONS = 4;

/**
 * The credential of the settings, which caches its tokens and asks once for all who come together. It throws only `Fault`s, here
 * and from `getToken` (but to a caller that aborts): `Refused` names the setting, the client and the tenant.
 */
export function createAzureCredential(
  settings: AzureCredentialSettings,
  options: AzureCredentialOptions = {},
): AzureCredential {
  const identity: AzureIdentity = {
    tenantId: settings.tenantId,
    clientId: settings.clientId,
    credential: settings.credential.type,
  };
  const http = createHttpClient({ ...options, timeoutMs: TIMEOUT_MS, connections: CONNECTIONS });
  const recorded = recordedClient(http);
  const make = (): TokenCredential =>
    create(identity, () => credentialOf(settings, options, azureTransport(recorded.http)));
  let credential = make();
  const faithful: TokenSource = {
    async getToken(scopes, tokenOptions) {
      await lookAtCertificate(settings.credential);
      try {
        const token = await credential.getToken(scopes, tokenOptions);
        recorded.take();
        return token;
      } catch (error) {
        // After a 429 or a 5xx the SDK gives the same error again for a minute or longer, without asking and without saying so.
        credential = make();
        throw azureFault(ENTRA, error, { identity, outcome: recorded.take() });
      }
    },
    forget() {
      // MSAL keeps tokens with what asked for them; a managed identity's in one place for the whole process, which no option looks past.
      Reflect.deleteProperty(ManagedIdentityApplication, 'nodeStorage');
      credential = make();
    },
  };
  return { ...keptTokens(faithful, Date.now), close: () => http.close() };
}

/** A certificate may be put in its place while the worker runs, and the SDK does not say what it misses in one. */
async function lookAtCertificate(credential: AzureCredentialSettings['credential']): Promise<void> {
  if (credential.type !== 'clientCertificate') return;
  const { path, password } = credential;
  const found = await readText((file) => readFile(file, 'utf8'), path);
  const problem = found.ok ? clientCertificateProblem(found.text, password, new Date()) : found.problem;
  if (problem !== null)
    throw new Fault('Refused', `azure.certificatePath: ${found.ok ? `the file ${path} ` : ''}${problem}`);
}

/** The SDK checks what it is given when a credential is made. */
function create(identity: AzureIdentity, make: () => TokenCredential): TokenCredential {
  try {
    return make();
  } catch {
    throw new Fault(
      'Refused',
      `The azure credential (${identity.credential}) could not be made${whose(identity)}: check azure.tenantId, ` +
        'azure.clientId, azure.authorityHost (https), and the AZURE_ variables.',
    );
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
  switch (credential.type) {
    case 'clientSecret':
      return new ClientSecretCredential(tenantId, clientId, credential.clientSecret, ours);
    case 'clientCertificate':
      return new ClientCertificateCredential(tenantId, clientId, certificateOf(credential), ours);
    case 'workloadIdentity': {
      const { tokenFile } = credential;
      return new WorkloadIdentityCredential({
        ...ours,
        ...(tokenFile === undefined ? {} : { tokenFilePath: tokenFile }),
        ...(tenantId === '' ? {} : { tenantId }),
        ...(clientId === '' ? {} : { clientId }),
      });
    }
    case 'managedIdentity':
      // Its endpoint is on the machine itself: reached without the proxy, and with the SDK's own retries while it starts.
      return new ManagedIdentityCredential(clientId === '' ? {} : { clientId });
    case 'default': {
      // May turn out to be a managed identity, so it has the SDK's own way to the network, which takes its proxy from HTTPS_PROXY.
      const roots = trustedRoots(ca);
      return new DefaultAzureCredential({
        ...authority,
        ...(roots === undefined ? {} : { tlsOptions: { ca: roots } }),
        ...(tenantId === '' ? {} : { tenantId }),
        ...(clientId === '' ? {} : { managedIdentityClientId: clientId, workloadIdentityClientId: clientId }),
      });
    }
  }
}

function certificateOf({ path, password }: { readonly path: string; readonly password?: string }) {
  return { certificatePath: path, ...(password === undefined ? {} : { certificatePassword: password }) };
}
