import type { Given } from '../stand-in.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { trouble } from './answer.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';

/** Each of them without and with a slash at its end. (Source: learn.microsoft.com, "stix-objects-api", "Acquire an access token".) */
const AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];

type Admitting = Pick<Given<SentinelUploadFaults>, 'faults' | 'checkToken'>;

/**
 * Null for who may come in. (Source of the status: learn.microsoft.com, "stix-objects-api", which knows 401 only; of the role, see
 * `sentinelUploadFaults.role`.)
 */
export function admission({ headers }: WireRequest, { faults, checkToken }: Admitting): WireAnswer | null {
  const authorization = headers['authorization'];
  const states = new Set(AUDIENCES.map((to) => checkToken?.(authorization, to) ?? anyToken(authorization)));
  const isPermitted = states.has('good');
  if (!isPermitted && !states.has('no-permission')) {
    return trouble(401, 'Unauthorized. Access token is missing or invalid.');
  }
  const { role } = faults();
  if (isPermitted && role === 'granted') return null;
  return role === 'unauthorised'
    ? trouble(401, 'Unauthorized. The application has no role on the workspace.')
    : trouble(403, 'Forbidden. The application has no role on the workspace.');
}

function anyToken(authorization: string | undefined): 'good' | 'missing' {
  return /^Bearer .+$/i.test(authorization ?? '') ? 'good' : 'missing';
}
