import { Fault } from '../../indicators/fault.ts';
import { isOurFile } from './file-name.ts';
import { userPage } from './reply-schemas.ts';
import { someSessions } from './session-lookup.ts';
import { readReply, type ThreatStreamClient } from './threatstream-client.ts';

/**
 * The id of the organisation that the user belongs to, as its own account names it; else as an import session does whose file has one
 * of our names. Never from a session of somebody else: lists show those of other organisations too. Null when
 * neither says.
 */
export async function ownOrganization(client: ThreatStreamClient, signal: AbortSignal): Promise<string | null> {
  const ofUser = await fromAccount(client, signal);
  if (ofUser !== null) return ofUser;
  const sessions = await someSessions(client, signal);
  return onlyOne(sessions.filter(({ fileName }) => isOurFile(fileName)).map(({ organizationId }) => organizationId));
}

/** `GET /api/v1/user/`. (Source: Polarity's ThreatStream integration.) Not every account need be allowed to, or an appliance have it. */
async function fromAccount(client: ThreatStreamClient, signal: AbortSignal): Promise<string | null> {
  const call = {
    method: 'GET',
    path: '/api/v1/user/',
    needs: 'see its own account',
    // The key has just worked: one that is refused altogether shows itself with the next request.
    answers: [401, 403, 404],
  } as const;
  try {
    const reply = await client.send(call, signal);
    if (reply.status >= 400) return null;
    const { objects, unreadable } = readReply(reply, userPage);
    return unreadable > 0 ? null : onlyOne(objects);
  } catch (error) {
    // An account that cannot be read need not stop us, as long as the sessions can be.
    if (error instanceof Fault && error.kind === 'Unavailable') return null;
    throw error;
  }
}

/** The one id that all name; null when they differ, or one names none. */
function onlyOne(ids: readonly (string | null)[]): string | null {
  const [first, ...others] = new Set(ids);
  return others.length === 0 ? (first ?? null) : null;
}
