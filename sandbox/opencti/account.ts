import type { WireRequest } from '../wire.ts';
import type { OpenCtiFaults } from './opencti-faults.ts';

/** Of the one user, and the id of the push collection. Nobody's. */
export const OPENCTI_CREDENTIALS = {
  token: '5b6a3f0e-6c1d-4c55-9a4e-0d8f3d3d2c11',
  username: 'mdti-sync@example.com',
  password: 'sandbox-opencti-password',
  collection: '3c7d7a54-2f0e-4c8b-9d52-7a1f0b7c9e10',
} as const;

export const USER_ID = '8f0c6a9e-51b5-4f0a-8c86-0f6a4a0f6f10';

/** Whether the request is the user's: by bearer token, or by name and password. (Source: OpenCTI, http/httpTaxii.js: "Basic, Bearer".) */
export function isSignedIn({ headers }: WireRequest, { unauthorised }: OpenCtiFaults): boolean {
  const { token, username, password } = OPENCTI_CREDENTIALS;
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return !unauthorised && [`Bearer ${token}`, basic].includes(headers['authorization'] ?? '');
}
