import type { MispClient } from './misp-client.ts';
import { foundAttributes, type ShownAttribute } from './reply-schemas.ts';

export type Shown = ReadonlyMap<string, ShownAttribute>;

/** Attributes by their uuids, deleted ones too; those that are not there, or that the key does not see, are left out. */
export type ReadAttributes = (uuids: readonly string[], signal: AbortSignal) => Promise<Shown>;

const MOST_UUIDS = 500;

interface Gathering {
  readonly uuids: Set<string>;
  readonly found: Promise<Shown>;
}

/** What is asked for side by side is asked for together: a role may be allowed few searches. */
export function attributeReader(client: Pick<MispClient, 'read'>): ReadAttributes {
  // By the signal: whoever gives up takes with him only those that give up with him.
  const open = new WeakMap<AbortSignal, Gathering>();
  return async (uuids, signal) => {
    const gathering = open.get(signal) ?? gather(signal);
    for (const uuid of uuids) gathering.uuids.add(uuid);
    const found = await gathering.found;
    return new Map(
      uuids.flatMap((uuid) => {
        const shown = found.get(uuid);
        return shown === undefined ? [] : [[uuid, shown] as const];
      }),
    );
  };

  function gather(signal: AbortSignal): Gathering {
    const uuids = new Set<string>();
    const found = new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      open.delete(signal);
      return search([...uuids], signal);
    });
    const gathering = { uuids, found };
    open.set(signal, gathering);
    return gathering;
  }

  async function search(uuids: readonly string[], signal: AbortSignal): Promise<Shown> {
    const shown = new Map<string, ShownAttribute>();
    // Never with an empty list: MISP finds everything then.
    for (let at = 0; at < uuids.length; at += MOST_UUIDS) {
      const call = {
        method: 'POST',
        path: '/attributes/restSearch',
        body: { returnFormat: 'json', uuid: uuids.slice(at, at + MOST_UUIDS), deleted: [0, 1], includeAllTags: 1 },
        needs: 'search attributes',
      } as const;
      const { response } = await client.read(call, foundAttributes, signal);
      for (const attribute of response) shown.set(attribute.uuid, attribute);
    }
    return shown;
  }
}
