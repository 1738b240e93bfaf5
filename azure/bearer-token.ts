import type { TokenCredential } from '@azure/identity';
import { Fault } from '../indicators/fault.ts';
import { azureFault } from './azure-fault.ts';

/** A token for an API, as text. Throws a `Fault`, or the signal's reason. */
export async function bearerToken(
  credential: TokenCredential,
  scope: string,
  signal: AbortSignal,
  now: () => Date,
): Promise<string> {
  try {
    const answer = await credential.getToken(scope, { abortSignal: signal });
    if (answer !== null) return answer.token;
  } catch (error) {
    signal.throwIfAborted();
    throw azureFault('Entra ID', error, { now: now() });
  }
  throw new Fault('Refused', `The azure credential gave no token for ${scope}: check azure.credential.`);
}
