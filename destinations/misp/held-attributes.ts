import { Fault } from '../../indicators/fault.ts';
import type { Artifact } from '../artifacts.ts';
import { IN_EVENT_NAMES } from './bodies.ts';
import { attributeUuid, foundHeld, type HeldAttribute, heldAttribute } from './held-schemas.ts';
import { observableOf } from './held-types.ts';
import type { MispMarkNames } from './mark-names.ts';
import { API, type MispClient } from './misp-client.ts';
import { isLikeOurs } from './own-items.ts';

const MOST_UUIDS = 500;

type Filters = Readonly<Record<string, unknown>>;

/** What is not deleted and fits, as MISP shows it; with tags that are not to leave the instance, too. */
export async function searchHeld(
  client: Pick<MispClient, 'read'>,
  filters: Filters,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const call = {
    method: 'POST',
    path: '/attributes/restSearch',
    body: { returnFormat: 'json', ...filters, includeAllTags: 1 },
    needs: 'search attributes',
  } as const;
  return (await client.read(call, foundHeld, signal)).response;
}

/** By their uuids; those that are deleted, not there, or not seen by the key are left out. One of them that cannot be read is a `Fault`. */
export async function heldByUuid(
  client: Pick<MispClient, 'read'>,
  uuids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HeldAttribute>> {
  const held = new Map<string, HeldAttribute>();
  // Never with an empty list: MISP finds everything then.
  for (let at = 0; at < uuids.length; at += MOST_UUIDS) {
    const asked = new Set(uuids.slice(at, at + MOST_UUIDS));
    for (const one of await searchHeld(client, { uuid: [...asked] }, signal)) {
      const read = heldAttribute.safeParse(one).data;
      // The uuid of an event finds what is in it.
      const uuid = read?.uuid ?? attributeUuid.safeParse(one).data?.uuid;
      if (uuid !== undefined && !asked.has(uuid)) continue;
      if (read === undefined)
        throw new Fault('Unavailable', `${API} shows an attribute in a form that cannot be read.`);
      if (read.deleted !== true) held.set(read.uuid, read);
    }
  }
  return held;
}

/** Whether this product has brought it, for whichever deployment. */
export function isDelivered({ uuid, Event }: HeldAttribute): boolean {
  return Event.info.includes(IN_EVENT_NAMES) && isLikeOurs({ uuid });
}

/** MISP has no score. */
export function artifactOf(attribute: HeldAttribute, organisation: number, names: MispMarkNames): Artifact {
  const { uuid, type, value, Event, Tag } = attribute;
  const locals = (Tag ?? []).filter(({ local }) => local === true);
  return {
    remoteId: uuid,
    ...observableOf(type, value),
    isOurs: Event.orgc_id === organisation,
    marks: locals.map(({ name }) => names.asWritten(name)),
    score: null,
  };
}
