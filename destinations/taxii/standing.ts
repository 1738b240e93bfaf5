import { Fault } from '../../indicators/fault.ts';
import { instantOf, stixContentHash } from './content.ts';
import type { ShownObject } from './read-objects.ts';

/** What a collection shows of an id. */
export interface Standing {
  readonly newest: ShownObject;
  /** The newest version that we have written; null where there is none. */
  readonly own: ShownObject | null;
}

type Read = (ids: readonly string[], version: 'last' | 'all', signal: AbortSignal) => Promise<readonly ShownObject[]>;

/** What there is of ids of ours. Where another producer has put a version over ours, ours is looked for below it. */
export async function standingsOf(
  read: Read,
  ids: readonly string[],
  producer: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Standing>> {
  const isOwn = (object: ShownObject): boolean => object['created_by_ref'] === producer;
  const newest = newestById(await read([...new Set(ids)], 'last', signal));
  const covered = [...newest.values()].filter((object) => !isOwn(object)).map(({ id }) => id);
  const below = newestById(covered.length === 0 ? [] : (await read(covered, 'all', signal)).filter(isOwn));
  return new Map(
    [...newest].map(([id, object]) => [id, { newest: object, own: isOwn(object) ? object : (below.get(id) ?? null) }]),
  );
}

/** It is revoked, which is final, whoever did it. (Source: STIX 2.1, 3.2.) */
export function isRevoked({ newest, own }: Standing): boolean {
  return newest['revoked'] === true || own?.['revoked'] === true;
}

/** It has what we wanted it to have. That another producer has written over it since is not ours to undo. */
export function says(standing: Standing | undefined, hash: string): boolean {
  if (standing === undefined || standing.own === null || isRevoked(standing)) return false;
  return stixContentHash(standing.own) === hash;
}

/** When the newest version was made, as an instant with three decimals. */
export function versionOf({ newest }: Standing): string {
  const at = instantOf(newest['modified']) ?? instantOf(newest['created']);
  if (at === null) throw new Fault('Unavailable', 'The TAXII server shows an indicator without a readable modified.');
  return new Date(at).toISOString();
}

function newestById(objects: readonly ShownObject[]): ReadonlyMap<string, ShownObject> {
  const newest = new Map<string, ShownObject>();
  for (const object of objects) {
    const other = newest.get(object.id);
    if (other === undefined || timeOf(object) > timeOf(other)) newest.set(object.id, object);
  }
  return newest;
}

function timeOf(object: ShownObject): number {
  return instantOf(object['modified']) ?? instantOf(object['created']) ?? 0;
}
