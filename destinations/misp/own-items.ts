import { INDICATOR_TYPES } from '../../indicators/indicator.ts';
import type { Destination, OwnItem } from '../destination.ts';
import { ATTRIBUTE_TYPES } from './attribute-types.ts';
import { IN_EVENT_NAMES } from './bodies.ts';
import { isOn } from './likeness.ts';
import { pagesFromTheLast } from './pages.ts';
import type { MispParts } from './parts.ts';
import { foundAttributes, namedEvents, type ShownAttribute } from './reply-schemas.ts';

/** Events whose attributes are asked for together. */
const EVENTS_AT_ONCE = 16;

/**
 * What the events of this deployment have with uuids like ours, deleted or not: others who add something there have random ones. Events
 * of before `events` was changed are found by their names, and are ours when they have something with the very uuid that we give it.
 */
export function ownItems({ client, ids, settings }: MispParts): NonNullable<Destination['own']> {
  return async function* (signal) {
    const events = ids.events();
    for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
      for await (const page of attributesIn(events.slice(at, at + EVENTS_AT_ONCE), signal)) yield itemsOf(page);
    }
    for (const event of await otherEvents(new Set(events), signal)) {
      let isOurs = false;
      const waiting: ShownAttribute[] = [];
      for await (const page of attributesIn([event], signal)) {
        waiting.push(...page);
        isOurs ||= page.some(isJustOurs);
        if (!isOurs) continue;
        yield itemsOf(waiting.splice(0));
      }
    }
  };

  /** Each once. */
  async function* attributesIn(
    events: readonly string[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly ShownAttribute[]> {
    const seen = new Set<number>();
    const pages = pagesFromTheLast(async (page) => {
      const asked = { uuid: events, deleted: [0, 1], order: 'Attribute.id', limit: settings.maxObjects, page };
      const call = {
        method: 'POST',
        path: '/attributes/restSearch',
        body: { returnFormat: 'json', ...asked },
        needs: 'search attributes',
      } as const;
      return (await client.read(call, foundAttributes, signal)).response;
    });
    for await (const page of pages) {
      const fresh = page.filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      yield fresh;
    }
  }

  /** Also those of other deployments. */
  async function otherEvents(events: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const others = new Set<string>();
    const pages = pagesFromTheLast(async (page) => {
      const asked = {
        eventinfo: `%${IN_EVENT_NAMES}%`,
        metadata: 1,
        order: 'Event.id',
        limit: settings.maxObjects,
        page,
      };
      const call = {
        method: 'POST',
        path: '/events/restSearch',
        body: { returnFormat: 'json', ...asked },
        needs: 'search events',
      } as const;
      return (await client.read(call, namedEvents, signal)).response;
    });
    for await (const page of pages) {
      for (const { Event } of page) if (isLikeOurs(Event) && !events.has(Event.uuid)) others.add(Event.uuid);
    }
    return others;
  }

  function isJustOurs({ uuid, type, value }: ShownAttribute): boolean {
    return INDICATOR_TYPES.some(
      (known) => ATTRIBUTE_TYPES[known].type === type && ids.attribute({ type: known, value }) === uuid,
    );
  }
}

function itemsOf(attributes: readonly ShownAttribute[]): readonly OwnItem[] {
  return attributes
    .filter(isLikeOurs)
    .map((one) => ({ remoteId: one.uuid, value: one.value, state: isOn(one) ? 'held' : 'gone' }));
}

/** Made from a name, as all of ours are. */
export function isLikeOurs({ uuid }: { readonly uuid: string }): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-5/.test(uuid);
}
