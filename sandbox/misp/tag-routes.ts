import { type Answer, answer, type Call, Declined, notSaved, type Rooms, saved } from './answer.ts';
import { isUuid } from './attribute-draft.ts';
import { isOwn, seenEvent } from './events-seen.ts';
import { asId, fieldsOf, isNumeric, isTrue, textOf } from './loose.ts';
import type { AttributeRecord, EventRecord, Tagged, TagRecord } from './records.ts';
import { isForeignTag } from './tagging.ts';
import { tagFields } from './wire-forms.ts';

/** All tags, or those whose name is asked for. (Source: MISP 2.5.1, TagsController::index.) */
export function listTags({ instance }: Rooms, { named, data }: Call): Answer {
  const asked = { ...Object.fromEntries(named), ...fieldsOf(data) };
  const exact = textOf(asked['name'] ?? asked['filter'] ?? asked['search'])?.toLowerCase();
  const part = textOf(asked['searchall'])?.toLowerCase();
  const found = instance.tags
    .all()
    .filter(
      ({ name }) => (exact === undefined || name.toLowerCase() === exact) && name.toLowerCase().includes(part ?? ''),
    );
  const uses = (things: readonly { readonly tags: readonly Tagged[] }[], tag: TagRecord): number =>
    things.filter(({ tags }) => tags.some(({ id }) => id === tag.id)).length;
  const attributes = instance.attributes.all();
  const listed = (tag: TagRecord): object => ({
    ...tagFields(tag),
    favourite: false,
    count: uses(instance.events(), tag),
    attribute_count: uses(attributes, tag),
  });
  return answer(200, { Tag: found.map(listed) });
}

/** Makes a tag; one that there is already is given back. (Source: MISP 2.5.1, TagsController::add.) */
export function addTag({ instance }: Rooms, { data }: Call): Answer {
  const fields = fieldsOf(fieldsOf(data)['Tag'] ?? data);
  const name = textOf(fields['name'])?.trim() ?? '';
  if (name === '') throw new Declined(405, 'Could not add the Tag. [name]: Name cannot be empty.');
  return answer(200, { Tag: tagFields(instance.tags.named(name) ?? instance.tags.add(name)) });
}

/** Tags an event or an attribute, whichever has that uuid. (Source: MISP 2.5.1, TagsController::attachTagToObject.) */
export function attachTag(rooms: Rooms, call: Call): Answer {
  const { uuid, names } = objectOf(call);
  const target = targetOf(rooms, uuid);
  const fails: string[] = [];
  let done = 0;
  let message = '';
  for (const name of names) {
    const tag = usableTag(rooms, name);
    if (typeof tag === 'string') {
      fails.push(tag);
      continue;
    }
    done += 1;
    if (target.record.tags.some(({ id }) => id === tag.id)) {
      message = `${target.kind} already has the requested tag attached, no changes had to be made for tag ${tag.name}.`;
      continue;
    }
    setTags(rooms, target, [...target.record.tags, { id: tag.id, local: false }]);
    message = `Global tag ${tag.name}(${tag.id}) successfully attached to ${target.kind}(${target.record.id}).`;
  }
  const failed = `Failed to attach ${fails.length} tags. Reasons: ${JSON.stringify(Object.fromEntries(fails.entries()))}`;
  if (done === 0) return notSaved('Tags', 'attachTagToObject', failed);
  if (done > 1) message = `Successfully attached ${done} tags to ${target.kind} (${target.record.id})`;
  return saved('Tags', 'attachTagToObject', fails.length === 0 ? message : `${message}\n${failed}`);
}

/** (Source: MISP 2.5.1, TagsController::removeTagFromObject.) */
export function detachTag(rooms: Rooms, call: Call): Answer {
  const { uuid, names } = objectOf(call);
  const name = names[0] ?? '';
  const tag = isNumeric(name) ? rooms.instance.tags.withId(Number(name)) : rooms.instance.tags.named(name);
  if (tag === null) throw new Declined(405, 'Invalid Tag.');
  const target = targetOf(rooms, uuid);
  const { record, kind } = target;
  if (!record.tags.some(({ id }) => id === tag.id)) {
    throw new Declined(404, `Could not remove tag as it is not attached to the target ${kind}`);
  }
  setTags(
    rooms,
    target,
    record.tags.filter(({ id }) => id !== tag.id),
  );
  const message = `Global tag ${tag.name} (${tag.id}) successfully removed from ${kind}(${record.id}).`;
  return saved('Tags', 'removeTagFromObject', message);
}

/**
 * Tags one attribute. What goes wrong is told in a 200; a tag that there is not is never made; and one in the path whose name has a colon is
 * taken for a parameter. (Source: MISP 2.5.1, AttributesController::addTag.)
 */
export function addTagToAttribute(rooms: Rooms, call: Call): Answer {
  const { attribute: name, tag: tagName } = pairOf(call);
  if (name === '') throw new Declined(404, 'Invalid attribute');
  if (tagName === '') throw new Declined(404, 'Invalid tag');
  const { instance, faults } = rooms;
  const tag = isNumeric(tagName) ? instance.tags.withId(Number(tagName)) : instance.tags.named(tagName);
  if (tag === null && !isNumeric(tagName)) return told('Invalid Tag.');
  const attribute = instance.attributes.named(name);
  if (attribute === null || attribute.deleted) throw new Declined(404, 'Invalid attribute');
  const names = attribute.tags.map(({ id }) => instance.tags.withId(id)?.name ?? '');
  const clashes = faults().exclusiveTlp && isTlp(tag?.name ?? '') && names.some(isTlp);
  const isThere = attribute.tags.some(({ id }) => id === tag?.id);
  const isForeign = tag !== null && isForeignTag(faults().foreignTags, tag.name);
  if (tag === null || clashes || isThere || isForeign || !isOwn(rooms, attribute)) {
    return told('Tag could not be added.');
  }
  setTags(rooms, { kind: 'Attribute', record: attribute }, [...attribute.tags, { id: tag.id, local: false }]);
  return answer(200, { saved: true, success: 'Tag added.', check_publish: true });
}

/** The attribute by its number only. (Source: MISP 2.5.1, AttributesController::removeTag.) */
export function removeTagFromAttribute(rooms: Rooms, call: Call): Answer {
  const { attribute: name, tag: tagName } = pairOf(call);
  const { instance } = rooms;
  const attribute = instance.attributes.get(asId(name));
  if (attribute === null || attribute.deleted) throw new Declined(404, 'Invalid attribute');
  const tag = isNumeric(tagName) ? instance.tags.withId(Number(tagName)) : instance.tags.named(tagName);
  if (tag === null) return told('Invalid Tag.');
  if (!isOwn(rooms, attribute)) return told('You do not have permission to do that.');
  if (!attribute.tags.some(({ id }) => id === tag.id)) return told('Invalid attribute - tag combination.');
  const rest = attribute.tags.filter(({ id }) => id !== tag.id);
  setTags(rooms, { kind: 'Attribute', record: attribute }, rest);
  return answer(200, { saved: true, success: 'Tag removed.', check_publish: true });
}

type Target =
  | { readonly kind: 'Event'; readonly record: EventRecord }
  | { readonly kind: 'Attribute'; readonly record: AttributeRecord };

function objectOf({ data, passed }: Call): { readonly uuid: string; readonly names: readonly string[] } {
  const fields = fieldsOf(data);
  const uuid = passed[0] ?? textOf(fields['uuid']) ?? '';
  if (uuid === '') throw new Declined(405, 'Invalid object uuid');
  if (!isUuid(uuid)) throw new Declined(500, 'Invalid UUID');
  const tags = passed[1] ?? fields['tag'];
  if (!isTrue(tags)) throw new Declined(405, 'Invalid tag');
  return { uuid, names: (Array.isArray(tags) ? tags : [tags]).map((name: unknown) => textOf(name) ?? '') };
}

function targetOf(rooms: Rooms, uuid: string): Target {
  const event = seenEvent(rooms, uuid);
  const attribute = rooms.instance.attributes.withUuid(uuid);
  if (event === null && attribute === null) throw new Declined(404, 'Invalid Target.');
  if (event !== null ? event.foreign : attribute !== null && !isOwn(rooms, attribute)) {
    const message =
      'Cannot alter the tags of this data, only the organisation that has created the data (orgc) can modify global tags.';
    throw new Declined(403, message);
  }
  if (event !== null) return { kind: 'Event', record: event };
  if (attribute !== null) return { kind: 'Attribute', record: attribute };
  throw new Declined(404, 'Invalid Target.');
}

function usableTag({ instance, faults }: Rooms, name: string): TagRecord | string {
  if (isForeignTag(faults().foreignTags, name)) return 'Invalid Tag. This tag can only be set by a fixed organisation.';
  if (isNumeric(name)) return instance.tags.withId(Number(name)) ?? 'Invalid Tag.';
  const tag = instance.tags.named(name);
  if (tag !== null) return tag;
  return faults().role.makesTags ? instance.tags.add(name) : 'Tag not found and insufficient privileges to create it.';
}

/** Changes its time too, and unpublishes. (Source: MISP 2.5.1, MispAttribute::touch, Event::unpublishEvent.) */
function setTags(rooms: Rooms, { kind, record }: Target, tags: readonly Tagged[]): void {
  const now = rooms.now();
  if (kind === 'Event') {
    rooms.instance.setEvent({ ...record, tags: [...tags], published: false, timestamp: now });
    return;
  }
  rooms.instance.attributes.replace({ ...record, tags: [...tags], timestamp: now });
  rooms.instance.unpublish(record.eventId, now);
}

function pairOf({ data, passed }: Call): { readonly attribute: string; readonly tag: string } {
  const outer = fieldsOf(data);
  const fields = fieldsOf(fieldsOf(outer['request'])['Attribute'] ?? outer['Attribute'] ?? outer);
  return {
    attribute: passed[0] ?? textOf(fields['attribute'] ?? fields['attribute_id'] ?? fields['id']) ?? '',
    tag: passed[1] ?? textOf(fields['tag'] ?? fields['tag_id']) ?? '',
  };
}

function told(errors: string): Answer {
  return answer(200, { saved: false, errors });
}

function isTlp(name: string): boolean {
  return name.toLowerCase().startsWith('tlp:');
}
