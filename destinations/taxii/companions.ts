import { TLP_LEVELS } from '../../indicators/indicator.ts';
import { markingRef } from '../../indicators/stix-markings.ts';
import { companions, type Producer } from '../../indicators/stix-producer.ts';
import { nextModified } from '../../indicators/stix-time.ts';
import type { Collection } from './collection.ts';
import type { ShownObject } from './read-objects.ts';
import type { TaxiiClient } from './taxii-client.ts';

interface CompanionsGiven {
  readonly client: TaxiiClient;
  readonly collection: Collection;
  readonly producer: Producer;
  readonly read: (ids: readonly string[], version: 'last', signal: AbortSignal) => Promise<readonly ShownObject[]>;
  readonly now: () => Date;
}

export interface Companions {
  /** Sees that they are there, once. */
  ready(signal: AbortSignal): Promise<void>;
  /** What the server does not take, in sentences. */
  warnings(): readonly string[];
}

/** What a server answers to a kind of object that it cannot store. (Source: OpenTAXII 0.9.3: 500 to a request with a marking in it.) */
const NOT_TAKEN = [400, 413, 422, 500, 501];

/**
 * The identity and the markings of TLP 2.0, which our indicators refer to: without them, who reads the collection may drop what refers to them.
 * Those that are not there are sent in requests of their own, never with indicators, since there are servers that cannot store a marking.
 */
export function companionsIn({ client, collection, producer, read, now }: CompanionsGiven): Companions {
  let known: Promise<readonly string[]> | null = null;
  let warnings: readonly string[] = [];
  const add = async (what: string, objects: readonly object[], signal: AbortSignal): Promise<readonly string[]> => {
    if (objects.length === 0) return [];
    const call = { path: collection.objects, body: JSON.stringify({ objects }), answers: NOT_TAKEN };
    const { status } = await client.send(call, signal);
    return status < 300 ? [] : [`the server does not take ${what} (it answered ${status})`];
  };
  const send = async (signal: AbortSignal): Promise<readonly string[]> => {
    // It says better than a 403 what is not allowed.
    await collection.ready(signal);
    const refs = TLP_LEVELS.map((tlp) => markingRef(tlp, 'tlp-2'));
    const wanted = companions([{ object_marking_refs: refs }], producer);
    const ids = wanted.map(({ id }) => id);
    const there = new Map((await read(ids, 'last', signal)).map((object) => [object.id, object]));
    const identities = wanted.flatMap((object) => {
      if (object.type !== 'identity') return [];
      const held = there.get(object.id);
      if (held === undefined) return [object];
      const modified = typeof held['modified'] === 'string' ? held['modified'] : null;
      return held['name'] === object.name ? [] : [{ ...object, modified: nextModified(now().toISOString(), modified) }];
    });
    const markings = wanted.filter(({ type, id }) => type === 'marking-definition' && !there.has(id));
    return [
      ...(await add('the identity that has created them', identities, signal)),
      ...(await add('the TLP markings that they refer to', markings, signal)),
    ];
  };
  return {
    warnings: () => warnings,
    async ready(signal) {
      const mine = known ?? send(signal);
      known = mine;
      try {
        warnings = await mine;
      } catch (error) {
        if (known === mine) known = null;
        throw error;
      }
    },
  };
}
