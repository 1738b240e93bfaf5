import { randomUUID } from 'node:crypto';
import type { Credentials } from '../credentials.ts';
import type { WireApi, WireReply, WireRequest } from '../wire.ts';
import type { EntraFaults } from './entra-faults.ts';
import type { Tokens } from './tokens.ts';

export interface EntraOptions {
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly faults: () => EntraFaults;
  /** Where it is reached, without a slash at the end; known once the server listens. */
  readonly authority: () => string;
}

export interface EntraApi extends WireApi {
  counts(): { readonly requests: number; readonly throttled: number };
}

/** The audiences that an application of the tenant may ask a token for. */
const RESOURCES = new Set([
  'api.loganalytics.io',
  'graph.microsoft.com',
  'management.azure.com',
  'management.core.windows.net',
]);

/** Entra ID's v2.0 endpoints for one tenant and one application: the metadata that clients ask, and client credentials. */
export function createEntraApi(options: EntraOptions): EntraApi {
  let requests = 0;
  return {
    counts: () => ({ requests, throttled: 0 }),
    async handle(request) {
      requests += 1;
      const [, tenant = '', ...rest] = request.path.split('/');
      switch (rest.join('/')) {
        case 'discovery/instance':
          return json(200, instanceDiscovery(options));
        case 'v2.0/.well-known/openid-configuration':
          return json(200, openIdConfiguration(options.authority(), tenant));
        case 'oauth2/v2.0/token':
          return request.method === 'POST'
            ? token(request, tenant, options)
            : refusal(405, 'invalid_request', 900561, 'The endpoint only accepts POST requests.');
        default:
          return { status: 404, body: '' };
      }
    },
  };
}

function token({ body }: WireRequest, tenant: string, { credentials, tokens, faults }: EntraOptions): WireReply {
  const form = new URLSearchParams(body);
  const { refuse, tokenSeconds } = faults();
  if (tenant !== credentials.tenantId) return refusal(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  if (form.get('grant_type') !== 'client_credentials') {
    return refusal(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  }
  if (form.get('client_id') !== credentials.clientId) {
    return refusal(
      400,
      'unauthorized_client',
      700016,
      'Application with the identifier asked for was not found in the directory.',
    );
  }
  if (refuse) return refusal(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.');
  if (form.get('client_secret') !== credentials.clientSecret) {
    return refusal(
      401,
      'invalid_client',
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
    );
  }
  const audience = /(?:^|\s)https:\/\/([^\s/]+)\/+\.default(?:\s|$)/.exec(form.get('scope') ?? '')?.[1];
  if (audience === undefined)
    return refusal(
      400,
      'invalid_scope',
      1002012,
      'The provided value for scope is not valid. Client credential flows must have a scope value with /.default.',
    );
  if (!RESOURCES.has(audience)) {
    return refusal(
      400,
      'invalid_resource',
      500011,
      `The resource principal named https://${audience} was not found in the tenant.`,
    );
  }
  return json(200, {
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    ext_expires_in: tokenSeconds,
    access_token: tokens.issue(audience, tokenSeconds),
  });
}

/** An error as Entra ID writes it. */
function refusal(status: number, error: string, code: number, message: string): WireReply {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return json(status, {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}

function openIdConfiguration(authority: string, tenant: string): unknown {
  const base = `${authority}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
  };
}

function instanceDiscovery({ authority, credentials }: EntraOptions): unknown {
  const { host } = new URL(authority());
  return {
    tenant_discovery_endpoint: `${authority()}/${credentials.tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
