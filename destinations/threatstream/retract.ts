import { Fault } from '../../indicators/fault.ts';
import type { Destination } from '../destination.ts';
import type { Intelligence } from './reply-schemas.ts';
import { searchByValue } from './search.ts';
import { ownOrganization } from './session-lookup.ts';
import { OUR_TAG } from './tags.ts';
import { textValue } from './text-value.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/**
 * Sets values inactive: the copies of our own organisation that carry our tag, and never another's. A value that is not
 * there in such a copy is `missing`.
 */
export function retractor(settings: ResolvedSettings, client: ThreatStreamClient): Destination['retract'] {
  return async (values, signal) => {
    if (values.length === 0) return { retracted: [], missing: [] };
    const owner = settings.ownerOrganizationId ?? (await ownOrganization(client, signal));
    const retracted: number[] = [];
    const missing: number[] = [];
    for (const { id, value } of values) {
      signal.throwIfAborted();
      const copies = await ourCopies(client, value, owner, signal);
      let withdrawn = 0;
      for (const copy of copies) if (await withdraw(client, copy.id, signal)) withdrawn += 1;
      (withdrawn > 0 ? retracted : missing).push(id);
    }
    return { retracted, missing };
  };
}

/** Active ones or, where there are none, those that wait for a review; in the form that an import's text has, or in the plain one. */
async function ourCopies(
  client: ThreatStreamClient,
  value: string,
  owner: number | null,
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  for (const form of new Set([textValue(value), value])) {
    for (const status of ['active', 'inactive'] as const) {
      const ours = (await searchByValue(client, form, status, signal)).filter((copy) => isOurs(copy, owner));
      if (ours.length > 0) return ours;
    }
  }
  return [];
}

function isOurs({ tags, is_editable, owner_organization_id }: Intelligence, owner: number | null): boolean {
  if (is_editable === false || !tags.includes(OUR_TAG)) return false;
  return owner === null || owner_organization_id === owner;
}

/** False when it has gone in the meantime. */
async function withdraw(client: ThreatStreamClient, id: number, signal: AbortSignal): Promise<boolean> {
  const { status } = await client.send(
    {
      method: 'PATCH',
      path: `/api/v2/intelligence/${id}/`,
      body: { type: 'application/json', text: JSON.stringify({ status: 'inactive' }) },
      needs: 'change intelligence',
      mayBeMissing: true,
    },
    signal,
  );
  if (status === 404) return false;
  if (status >= 200 && status < 300) return true;
  throw new Fault('Unavailable', `${API} answered ${status} when an observable was to be set inactive.`);
}
