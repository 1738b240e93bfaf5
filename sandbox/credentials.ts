/** Fixed, and nobody's: what a client needs in order to be let in. */
export const CREDENTIALS = {
  tenantId: '00000000-5a4d-b0c5-0000-000000000001',
  clientId: '00000000-5a4d-b0c5-0000-000000000002',
  clientSecret: 'not-a-secret-client-secret',
  workspaceId: '00000000-5a4d-b0c5-0000-000000000003',
  threatstreamUser: 'engineer@sandbox.invalid',
  threatstreamApiKey: 'not-a-secret-api-key',
} as const;

export type Credentials = { readonly [name in keyof typeof CREDENTIALS]: string };
