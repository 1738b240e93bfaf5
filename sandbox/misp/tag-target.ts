import type { Rooms } from './answer.ts';
import type { AttributeRecord, EventRecord, Tagged } from './records.ts';

/** What can be tagged. */
export type Target =
  | { readonly kind: 'Event'; readonly record: EventRecord }
  | { readonly kind: 'Attribute'; readonly record: AttributeRecord };

/**
 * A change of tags that synchronise changes the time, too, and unpublishes; one of local tags does neither.
 * (Source: MISP 2.5.1, TagsController::attachTagToObject, MispAttribute::touch, Event::unpublishEvent.)
 */
export function setTags(rooms: Rooms, { kind, record }: Target, tags: readonly Tagged[], isLocal: boolean): void {
  const { instance } = rooms;
  const now = rooms.now();
  if (kind === 'Event') {
    instance.setEvent({ ...record, tags: [...tags], ...(isLocal ? {} : { published: false, timestamp: now }) });
    return;
  }
  if (isLocal) {
    instance.attributes.tagLocally(record.id, tags);
    return;
  }
  instance.attributes.replace({ ...record, tags: [...tags], timestamp: now });
  instance.unpublish(record.eventId, now);
}
