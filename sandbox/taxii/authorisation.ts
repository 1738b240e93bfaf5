import { TAXII_CREDENTIALS } from './collections.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** Whether a request is signed in: with name and password, or with a token. (Source: RFC 7617; RFC 6750; TAXII 2.1, 1.6.9.) */
export function isSignedIn(header: string | undefined, signIn: TaxiiFaults['signIn']): boolean {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(header ?? '') ?? [];
  const { user, password, token } = TAXII_CREDENTIALS;
  if (scheme.toLowerCase() === 'bearer') return signIn !== 'basic' && credentials === token;
  if (scheme.toLowerCase() !== 'basic' || signIn === 'bearer') return false;
  return Buffer.from(credentials, 'base64').toString() === `${user}:${password}`;
}
