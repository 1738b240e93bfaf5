import { parseJson } from '../../http/faults.ts';
import { TLP_LEVELS } from '../../indicators/indicator.ts';
import { markingRef } from '../../indicators/stix-markings.ts';
import { companions, type Producer } from '../../indicators/stix-producer.ts';
import { nextModified } from '../../indicators/stix-time.ts';
import { askedOnce } from './asked-once.ts';
import type { Collection } from './collection.ts';
import type { ShownObject } from './read-objects.ts';
import { API, type TaxiiClient } from './taxii-client.ts';

interface CompanionsGiven {
  readonly client: TaxiiClient;
  readonly collection: Collection;
  readonly producer: Producer;
  readonly read: (ids: readonly string[], version: 'last', signal: AbortSignal) => Promise<readonly ShownObject[]>;
  readonly now: () => Date;
}

export interface Companions {
  /** Sees that they are there, once; what was not taken is tried again later. */
  ready(signal: AbortSignal): Promise<void>;
  /** What the server does not take, in sentences. */
  warnings(): readonly string[];
}

/** What a server answers to a kind of object that it cannot store. (Source: OpenTAXII 0.9.3: 500 to a request with a marking in it.) */
const NOT_TAKEN = [400, 413, 422, 500, 501];
/** It is tried again after this: what answers 500 may only have been failing. */
const NOT_TAKEN_FOR_MS = 3_600_000;

/**
 * The identity and the markings of TLP 2.0, which our indicators refer to: without them, who reads the collection may drop what refers to them.
 * Those that are not there are sent in requests of their own, never with indicators, since there are servers that cannot store a marking.
 */
export function companionsIn({ client, collection, producer, read, now }: CompanionsGiven): Companions {
  const add = async (what: string, objects: readonly object[], signal: AbortSignal): Promise<readonly string[]> => {
    if (objects.length === 0) return [];
    const call = { path: collection.objects, body: JSON.stringify({ objects }), answers: NOT_TAKEN };
    const reply = await client.send(call, signal);
    if (reply.status >= 300) return [`the server does not take ${what} (it answered ${reply.status})`];
    if (reply.text.trim() === '') return [`the server acknowledged ${what} without a word`];
    // A page of a proxy is no answer of a TAXII server.
    parseJson(API, reply);
    return [];
  };
  const send = async (signal: AbortSignal) => {
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
    const warnings = [
      ...(await add('the identity that has created them', identities, signal)),
      ...(await add('the TLP markings that they refer to', markings, signal)),
    ];
    return { warnings, at: now().getTime() };
  };
  const sent = askedOnce(send);
  let told: { readonly warnings: readonly string[]; readonly at: number } = { warnings: [], at: 0 };
  return {
    warnings: () => told.warnings,
    async ready(signal) {
      if (told.warnings.length > 0 && now().getTime() >= told.at + NOT_TAKEN_FOR_MS) {
        told = { warnings: [], at: 0 };
        sent.forget();
      }
      told = await sent.get(signal);
    },
  };
}
