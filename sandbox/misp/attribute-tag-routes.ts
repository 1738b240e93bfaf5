import { type Answer, answer, type Call, Declined, type Rooms } from './answer.ts';
import { isUuid } from './attribute-draft.ts';
import { isOwn, isSeen } from './events-seen.ts';
import { asId, fieldsOf, isNumeric, isTrue, textOf } from './loose.ts';
import type { AttributeRecord, Tagged } from './records.ts';
import { setTags } from './tag-target.ts';
import { isForeignTag } from './tagging.ts';

const INVALID = 'Invalid attribute';
const REFUSAL = 'You do not have permission to do that.';

/**
 * Tags one attribute, or those of a list (`selected`), with one tag or those of a list. What goes wrong is told in a 200, and not of which;
 * a tag that there is not is never made; one that is there already counts as wrong; one in the path whose name has a colon is taken for a
 * parameter; an attribute that is not there ends it, and what was done before stays. (Source: MISP 2.5.1, AttributesController::addTag.)
 */
export function addTagToAttribute(rooms: Rooms, call: Call): Answer {
  const { attribute: name, tag } = pairOf(call);
  if (name === '') throw new Declined(404, INVALID);
  const names = name === 'selected' ? selectedIn(call) : [name];
  if (tag === '') throw new Declined(404, 'Invalid tag');
  const tagIds = tagIdsIn(rooms, tag);
  if (tagIds === null) return told('Invalid Tag.');
  const isLocal = isTrue(call.named.get('local'));
  let [added, failed] = [0, 0];
  for (const one of names) {
    const attribute = seenAttribute(rooms, one);
    if (!mayTag(rooms, attribute, isLocal)) {
      failed += 1;
      continue;
    }
    const before = attribute.tags.length;
    const tags = tagIds.reduce((sofar, id) => withTag(rooms, attribute, sofar, { id, local: isLocal }), attribute.tags);
    const done = tags.length - before;
    if (done > 0) setTags(rooms, { kind: 'Attribute', record: attribute }, tags, isLocal);
    rooms.instance.tagWrites.asked(done > 0);
    added += done;
    failed += tagIds.length - done;
  }
  if (failed === 0) {
    const success = added === 1 ? 'Tag added.' : `${added} tags added`;
    return answer(200, { saved: true, success, check_publish: true });
  }
  const trouble = failed === 1 ? 'Tag could not be added.' : `${failed} tags could not be added.`;
  const rest = added === 1 ? ' However, 1 tag was added.' : ` However, ${added} tags were added.`;
  return told(`${trouble}${added === 0 ? '' : rest}`);
}

/** The attribute by its number only. (Source: MISP 2.5.1, AttributesController::removeTag.) */
export function removeTagFromAttribute(rooms: Rooms, call: Call): Answer {
  const { attribute: name, tag: tagName } = pairOf(call);
  const { instance } = rooms;
  const attribute = instance.attributes.get(asId(name));
  if (attribute === null || attribute.deleted) throw new Declined(404, INVALID);
  const tag = isNumeric(tagName) ? instance.tags.withId(Number(tagName)) : instance.tags.named(tagName);
  if (tag === null) return told('Invalid Tag.');
  const present = attribute.tags.find(({ id }) => id === tag.id);
  const isLocal = present?.local === true;
  if (!mayTag(rooms, attribute, isLocal)) return told(REFUSAL);
  if (present === undefined) {
    instance.tagWrites.asked(false);
    return told('Invalid attribute - tag combination.');
  }
  const rest = attribute.tags.filter(({ id }) => id !== tag.id);
  setTags(rooms, { kind: 'Attribute', record: attribute }, rest, isLocal);
  instance.tagWrites.asked(true);
  return answer(200, { saved: true, success: 'Tag removed.', check_publish: !isLocal });
}

/** Whoever may change the event; local tags also the users of the host organisation. (Source: MISP 2.5.1, ACLComponent::canModifyTag.) */
function mayTag(rooms: Rooms, attribute: AttributeRecord, isLocal: boolean): boolean {
  const { hostOrganisation } = rooms.faults();
  if (isOwn(rooms, attribute) || (isLocal && hostOrganisation)) return true;
  if (!isLocal) rooms.instance.tagWrites.touchedForeign();
  return false;
}

/** The same tags where this one cannot be added. */
function withTag(
  { instance, faults }: Rooms,
  { uuid }: AttributeRecord,
  tags: readonly Tagged[],
  { id, local }: Omit<Tagged, 'ours'>,
): Tagged[] {
  const tag = instance.tags.withId(id);
  const { exclusiveTlp, foreignTags, untaggable } = faults();
  const beside = tags.filter((one) => one.local === local).map((one) => instance.tags.withId(one.id)?.name ?? '');
  const cannot =
    tag === null ||
    tags.some((one) => one.id === id) ||
    isForeignTag(foreignTags, tag.name) ||
    untaggable.includes(uuid) ||
    (exclusiveTlp && isTlp(tag.name) && beside.some(isTlp));
  return cannot ? [...tags] : [...tags, { id, local, ours: true }];
}

function seenAttribute(rooms: Rooms, name: string): AttributeRecord {
  if (!isNumeric(name) && !isUuid(name)) throw new Declined(404, 'Invalid attribute ID.');
  const attribute = rooms.instance.attributes.named(name);
  const event = attribute === null ? null : rooms.instance.event(attribute.eventId);
  if (attribute === null || attribute.deleted || event === null || !isSeen(rooms, event)) {
    throw new Declined(404, INVALID);
  }
  return attribute;
}

/** A number, numbers as the text of a JSON list, or a name; null for a name that there is not, or that is another's. */
function tagIdsIn({ instance, faults }: Rooms, tag: string): readonly number[] | null {
  if (isNumeric(tag)) return [Number(tag)];
  if (tag.startsWith('[')) return listIn(tag).map((one) => asId(one));
  const found = isForeignTag(faults().foreignTags, tag) ? null : instance.tags.named(tag);
  return found === null ? null : [found.id];
}

function selectedIn({ data }: Call): readonly string[] {
  const ids = textOf(fieldsOf(data)['attribute_ids']);
  if (ids === null) throw new Declined(404, INVALID);
  return listIn(ids);
}

/** (Source: the PHP manual, json_decode: what is no JSON is null.) */
function listIn(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map((one: unknown) => textOf(one) ?? '') : [];
  } catch {
    return [];
  }
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
