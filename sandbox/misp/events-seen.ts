import { type Call, Declined, type Rooms } from './answer.ts';
import { isUuid } from './attribute-draft.ts';
import { isNumeric } from './loose.ts';
import type { AttributeRecord, EventRecord } from './records.ts';

/** The event that a request names by id or uuid, as far as the key sees it; null else. (Source: MISP 2.5.1, Event::fetchSimpleEvent.) */
export function seenEvent(rooms: Rooms, name: string): EventRecord | null {
  const event = eventNamed(rooms, name);
  return event !== null && isSeen(rooms, event) ? event : null;
}

/** Whether the key sees it or not. */
export function eventNamed({ instance }: Rooms, name: string): EventRecord | null {
  if (isNumeric(name)) return instance.event(Number(name));
  return isUuid(name) ? instance.eventWithUuid(name) : null;
}

/** The event that a request names, for a change. Throws when it is not there, or is another organisation's. */
export function ownEvent(rooms: Rooms, { passed }: Call, trouble: string, refusal: string): EventRecord {
  const event = seenEvent(rooms, passed[0] ?? '');
  if (event === null) throw new Declined(404, trouble);
  if (event.foreign) throw refusedForeign(rooms, 403, refusal);
  return event;
}

/** What is thrown at a change of what is another organisation's; it is counted. */
export function refusedForeign({ instance }: Rooms, status: number, refusal: string): Declined {
  instance.tagWrites.touchedForeign();
  return new Declined(status, refusal);
}

export function isSeen({ faults }: Rooms, { foreign }: EventRecord): boolean {
  return !foreign || faults().foreignEventsSeen;
}

/** Whether the key may change it. */
export function isOwn({ instance }: Rooms, { eventId }: AttributeRecord): boolean {
  return instance.event(eventId)?.foreign === false;
}

/** Makes the events that are another organisation's. */
export function addForeignEvents({ instance, faults, now }: Rooms): void {
  for (const uuid of faults().foreignEvents) {
    const event = instance.eventWithUuid(uuid);
    if (event !== null) {
      if (!event.foreign) instance.setEvent({ ...event, foreign: true });
      continue;
    }
    instance.addEvent({
      uuid,
      info: 'Another event',
      date: new Date(now() * 1_000).toISOString().slice(0, 10),
      threatLevel: '4',
      analysis: '0',
      distribution: '1',
      published: true,
      timestamp: now(),
      publishTimestamp: now(),
      foreign: true,
      tags: [],
    });
  }
}
