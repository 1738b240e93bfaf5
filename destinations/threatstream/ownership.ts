import { areOurs } from '../threatstream-csv/tags.ts';
import { ownOrganization } from './own-organization.ts';
import type { Intelligence } from './reply-schemas.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

export const CANNOT_TELL = `${API} shows copies with our tag, and not whose they are: set ownerOrganizationId of the destination`;
export const CANNOT_READ = `${API} shows copies in a form that could not be read, and one of them may be ours`;

/** The id of the own organisation; null when nothing says it. Asked only where there are copies that could be ours. */
export type OwnerOf = (signal: AbortSignal) => Promise<string | null>;

/** Asks once: what was found out is kept. */
export function ownerOf(settings: ResolvedSettings, client: ThreatStreamClient): OwnerOf {
  let known = settings.ownerOrganizationId === undefined ? null : String(settings.ownerOrganizationId);
  return async (signal) => {
    known ??= await ownOrganization(client, signal);
    return known;
  };
}

/** Whose organisation a copy is of. */
export function organizationOf(copy: Intelligence, owner: string | null): 'ours' | 'theirs' | 'nobody can tell' {
  if (owner !== null && copy.ownerOrganizationId !== null) {
    return copy.ownerOrganizationId === owner ? 'ours' : 'theirs';
  }
  return copy.isEditable === true ? 'ours' : 'nobody can tell';
}

/** What lacks our tag came from elsewhere, even in our organisation. */
export function whose(copy: Intelligence, owner: string | null): 'ours' | 'theirs' | 'nobody can tell' {
  return areOurs(copy.tags) ? organizationOf(copy, owner) : 'theirs';
}
