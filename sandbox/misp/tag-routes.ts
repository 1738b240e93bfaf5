import { type Answer, answer, type Call, Declined, notSaved, type Rooms, saved } from './answer.ts';
import { isUuid } from './attribute-draft.ts';
import { isOwn, isSeen, refusedForeign, seenEvent } from './events-seen.ts';
import { fieldsOf, isNumeric, isTrue, textOf } from './loose.ts';
import type { Tagged, TagRecord } from './records.ts';
import { setTags, type Target } from './tag-target.ts';
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

/**
 * Tags an event or an attribute, whichever has that uuid; what is another organisation's only with `local`, which only users of the host
 * organisation may. (Source: MISP 2.5.1, TagsController::attachTagToObject.)
 */
export function attachTag(rooms: Rooms, call: Call): Answer {
  const { uuid, names } = objectOf(call);
  const isLocal = isTrue(call.passed[2] ?? fieldsOf(call.data)['local']);
  const { hostOrganisation, untaggable } = rooms.faults();
  const fails: string[] = [];
  let done = 0;
  let message = '';
  for (const name of names) {
    if (isLocal && !hostOrganisation) {
      fails.push('Local tags can only be added by users of the host organisation.');
      continue;
    }
    const target = targetOf(rooms, uuid);
    if (!isLocal) mustBeOwn(rooms, target);
    const tag = usableTag(rooms, name);
    if (typeof tag === 'string') {
      fails.push(tag);
      continue;
    }
    const { kind, record } = target;
    const isThere = record.tags.some(({ id }) => id === tag.id);
    if (!isThere && untaggable.includes(uuid)) {
      fails.push('Failed to attach tag to object.');
      continue;
    }
    done += 1;
    rooms.instance.tagWrites.asked(!isThere);
    if (isThere) {
      message = `${kind} already has the requested tag attached, no changes had to be made for tag ${tag.name}.`;
      continue;
    }
    setTags(rooms, target, [...record.tags, { id: tag.id, local: isLocal, ours: true }], isLocal);
    message = `${isLocal ? 'Local' : 'Global'} tag ${tag.name}(${tag.id}) successfully attached to ${kind}(${record.id}).`;
  }
  const failed = `Failed to attach ${fails.length} tags. Reasons: ${JSON.stringify(Object.fromEntries(fails.entries()))}`;
  if (done === 0) return notSaved('Tags', 'attachTagToObject', failed);
  const { kind, record } = targetOf(rooms, uuid);
  if (done > 1) message = `Successfully attached ${done} tags to ${kind} (${record.id})`;
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
  const present = record.tags.find(({ id }) => id === tag.id);
  if (present === undefined) {
    rooms.instance.tagWrites.asked(false);
    throw new Declined(404, `Could not remove tag as it is not attached to the target ${kind}`);
  }
  const { hostOrganisation, untaggable } = rooms.faults();
  if (!present.local) mustBeOwn(rooms, target);
  else if (isForeign(rooms, target) && !hostOrganisation) {
    throw new Declined(403, 'Insufficient privileges to remove local tags from events you do not own.');
  }
  if (untaggable.includes(uuid)) return notSaved('Tags', 'removeTagFromObject', 'Failed to remove tag from object.');
  setTags(
    rooms,
    target,
    record.tags.filter(({ id }) => id !== tag.id),
    present.local,
  );
  rooms.instance.tagWrites.asked(true);
  const scope = present.local ? 'Local' : 'Global';
  const message = `${scope} tag ${tag.name} (${tag.id}) successfully removed from ${kind}(${record.id}).`;
  return saved('Tags', 'removeTagFromObject', message);
}

function objectOf({ data, passed }: Call): { readonly uuid: string; readonly names: readonly string[] } {
  const fields = fieldsOf(data);
  const uuid = passed[0] ?? textOf(fields['uuid']) ?? '';
  if (uuid === '') throw new Declined(405, 'Invalid object uuid');
  if (!isUuid(uuid)) throw new Declined(500, 'Invalid UUID');
  const tags = passed[1] ?? fields['tag'];
  if (!isTrue(tags)) throw new Declined(405, 'Invalid tag');
  return { uuid, names: (Array.isArray(tags) ? tags : [tags]).map((name: unknown) => textOf(name) ?? '') };
}

/** An event that the key sees, or an attribute of one, deleted or not. */
function targetOf(rooms: Rooms, uuid: string): Target {
  const event = seenEvent(rooms, uuid);
  if (event !== null) return { kind: 'Event', record: event };
  const attribute = rooms.instance.attributes.withUuid(uuid);
  const home = attribute === null ? null : rooms.instance.event(attribute.eventId);
  if (attribute === null || home === null || !isSeen(rooms, home)) throw new Declined(404, 'Invalid Target.');
  return { kind: 'Attribute', record: attribute };
}

function isForeign(rooms: Rooms, { kind, record }: Target): boolean {
  return kind === 'Event' ? record.foreign : !isOwn(rooms, record);
}

function mustBeOwn(rooms: Rooms, target: Target): void {
  if (!isForeign(rooms, target)) return;
  const message =
    'Cannot alter the tags of this data, only the organisation that has created the data (orgc) can modify global tags.';
  throw refusedForeign(rooms, 403, message);
}

function usableTag({ instance, faults }: Rooms, name: string): TagRecord | string {
  if (isNumeric(name)) {
    const tag = instance.tags.withId(Number(name));
    return tag === null ? 'Invalid Tag.' : mayBeSet(faults().foreignTags, tag);
  }
  if (isForeignTag(faults().foreignTags, name)) return OF_OTHERS;
  const tag = instance.tags.named(name);
  if (tag !== null) return tag;
  return faults().role.makesTags ? instance.tags.add(name) : 'Tag not found and insufficient privileges to create it.';
}

const OF_OTHERS = 'Invalid Tag. This tag can only be set by a fixed organisation.';

function mayBeSet(foreignTags: readonly string[], tag: TagRecord): TagRecord | string {
  return isForeignTag(foreignTags, tag.name) ? OF_OTHERS : tag;
}
