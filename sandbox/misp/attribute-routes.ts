import { type Answer, answer, type Call, Declined, notSaved, type Rooms, saved } from './answer.ts';
import { type Errors, isDraft, isUuid, recordOf, troublesOf } from './attribute-draft.ts';
import { attributesIn, capture, overlaid } from './attribute-writes.ts';
import { isOwn, isSeen, ownEvent, refusedForeign } from './events-seen.ts';
import { asId, fieldsOf, isNumeric, isSet, isTrue, textOf } from './loose.ts';
import type { AttributeRecord } from './records.ts';
import { tagsAfter } from './tagging.ts';
import { attributeFields, tagFields, tagList } from './wire-forms.ts';

const REFUSAL = 'You do not have permission to do that.';
const INVALID = 'Invalid attribute';

/** Adds one or many to an event; each that is wrong is told by its place. (Source: MISP 2.5.1, AttributesController::add.) */
export function addAttributes(rooms: Rooms, call: Call): Answer {
  if (call.passed[0] === undefined) throw new Declined(405, 'No event ID set.');
  const event = ownEvent(rooms, call, 'Invalid event', REFUSAL);
  const sent = attributesIn(call.data);
  const ways = {
    breakOnDuplicate: isTrue(call.named.get('breakOnDuplicate') ?? true),
    enforceWarninglist: isTrue(call.named.get('enforceWarninglist')),
    unique: true,
  };
  const added = new Set<number>();
  const failed = new Map<string, Errors>();
  for (const [index, one] of sent.entries()) {
    const result = capture(rooms, event.id, one, ways);
    if (typeof result === 'number') added.add(result);
    else failed.set(`attribute_${index}`, result);
  }
  const errors = Object.fromEntries(failed);
  if (added.size === 0) {
    return notSaved('Attributes', 'add', sent.length === 1 ? failed.get('attribute_0') : errors);
  }
  rooms.instance.unpublish(event.id, rooms.now());
  const records = [...added]
    .toSorted((one, other) => one - other)
    .flatMap((id) => rooms.instance.attributes.get(id) ?? []);
  return answer(200, { ...addedForm(rooms, records), ...(failed.size === 0 ? {} : { errors }) });
}

/** One is an object with its tags beside it, several are a list with their tags inside. */
function addedForm({ instance }: Rooms, records: readonly AttributeRecord[]): object {
  const [only] = records;
  const tagsOf = ({ tags }: AttributeRecord) => tags.flatMap(({ id }) => instance.tags.withId(id) ?? []);
  if (only !== undefined && records.length === 1) {
    const AttributeTag = tagsOf(only).map((tag) => ({
      attribute_id: String(only.id),
      tag_id: String(tag.id),
      Tag: tagFields(tag),
    }));
    return { Attribute: withHalves(only), AttributeTag };
  }
  return {
    Attribute: records.map((record) => {
      const tags = tagsOf(record).map((tag) => tagFields(tag));
      return { ...withHalves(record), ...(tags.length === 0 ? {} : { Tag: tags }) };
    }),
  };
}

function withHalves(record: AttributeRecord): object {
  return { ...attributeFields(record), value1: record.value, value2: '' };
}

/** (Source: MISP 2.5.1, AttributesController::edit.) */
export function editAttribute(rooms: Rooms, call: Call): Answer {
  const existing = namedAttribute(rooms, call);
  if (existing.deleted || !isShown(rooms, existing)) throw new Declined(404, INVALID);
  if (!isOwn(rooms, existing)) throw refusedForeign(rooms, 403, REFUSAL);
  const outer = fieldsOf(call.data);
  const input = fieldsOf(outer['Attribute'] ?? outer);
  if (isSet(input['timestamp']) && Number(textOf(input['timestamp'])) <= existing.timestamp) {
    throw new Declined(405, 'Attribute could not be saved: Attribute in the request not newer than the local copy.');
  }
  const draft = overlaid(rooms, existing, input, 'one');
  const errors = isDraft(draft) ? troublesOf(rooms, draft, { replaces: existing, unique: true }) : draft;
  if (!isDraft(draft) || Object.keys(errors).length > 0) return notSaved('Attributes', 'edit', errors);
  const tags = tagsAfter(rooms, existing.tags, input['Tag'], { asks: true });
  const record = { ...recordOf(draft), id: existing.id, tags };
  rooms.instance.attributes.replace(record);
  rooms.instance.unpublish(existing.eventId, rooms.now());
  return answer(200, { Attribute: { ...attributeFields(record), ...tagList(rooms, record.tags) } });
}

/** (Source: MISP 2.5.1, AttributesController::view.) */
export function viewAttribute(rooms: Rooms, call: Call): Answer {
  const attribute = namedAttribute(rooms, call);
  if (call.method === 'HEAD') return answer(isShown(rooms, attribute) ? 200 : 404, '');
  if (attribute.deleted || !isShown(rooms, attribute)) throw new Declined(405, INVALID);
  return answer(200, { Attribute: { ...attributeFields(attribute), ...tagList(rooms, attribute.tags) } });
}

/** Deletes one, softly unless told. (Source: MISP 2.5.1, AttributesController::delete.) */
export function deleteAttribute(rooms: Rooms, call: Call): Answer {
  const isHard = isTrue(fieldsOf(call.data)['hard'] ?? call.named.get('hard') ?? call.passed[1]);
  const attribute = namedAttribute(rooms, call);
  if (attribute.deleted && !isHard) throw new Declined(404, INVALID);
  if (!isOwn(rooms, attribute)) throw refusedForeign(rooms, 403, REFUSAL);
  remove(rooms, attribute, isHard);
  return answer(200, { message: 'Attribute deleted.' });
}

/**
 * Deletes many of one event. Ids are numbers here: of anything else the database takes the digits it begins with, so that a uuid may
 * meet another attribute. (Source: MISP 2.5.1, AttributesController::deleteSelected.)
 */
export function deleteSelected(rooms: Rooms, call: Call): Answer {
  const outer = isTrue(fieldsOf(call.data)['Attribute']) ? fieldsOf(call.data)['Attribute'] : call.data;
  const fields = fieldsOf(outer);
  const asked = isSet(fields['id']) ? fields['id'] : outer;
  if (!isTrue(asked)) throw new Declined(404, 'No matching attributes found.');
  const eventName = call.passed[0] ?? textOf(fields['event_id']);
  if (eventName === null || eventName === '') throw new Declined(405, 'No event ID set.');
  const event = rooms.instance.event(asId(eventName));
  if (event === null) throw new Declined(404, 'Invalid event');
  if (event.foreign) throw refusedForeign(rooms, 403, REFUSAL);
  const present = rooms.instance.attributes.of(event.id).filter(({ deleted }) => !deleted);
  const all = asked === 'all';
  const names = (Array.isArray(asked) ? asked : [asked]).map((id: unknown) => textOf(id) ?? '');
  const wanted = new Set(names.map((name) => asId(name)));
  const found = present.filter(({ id }) => all || wanted.has(id));
  if (found.length === 0) throw new Declined(404, 'No matching attributes found.');
  for (const attribute of found) remove(rooms, attribute, isTrue(call.passed[1]));
  const ids = new Set(found.map(({ id }) => String(id)));
  const failed = all ? [] : names.filter((name) => !ids.has(name));
  const many = (count: number): string => `${count} attribute${count === 1 ? '' : 's'}`;
  if (failed.length > 0) {
    const message = `${many(found.length)} deleted, but ${many(failed.length)} could not be deleted.`;
    return notSaved('Attributes', 'deleteSelected', message);
  }
  const message = found.length === 1 ? '1 attribute deleted.' : `${found.length} attributes deleted`;
  return saved('Attributes', 'deleteSelected', message, eventName);
}

/**
 * Takes a deletion back, and sends on to the attribute, even if it could not: who follows is told 405 then.
 * (Source: MISP 2.5.1, AttributesController::restore: whatever MispAttribute::restore returns counts as true.)
 */
export function restoreAttribute(rooms: Rooms, call: Call): Answer {
  const name = call.passed[0] ?? '';
  const { restoresByUuid, role } = rooms.faults();
  const found = restoresByUuid && !isNumeric(name) ? rooms.instance.attributes.withUuid(name) : null;
  const attribute = found ?? rooms.instance.attributes.get(asId(name));
  if (attribute === null || !isOwn(rooms, attribute)) throw new Declined(405, 'Invalid Attribute');
  // `perm_modify` alone does not do for events that the user made.
  const unique = rooms.instance.attributes
    .alike(attribute.eventId, attribute.type, attribute.value)
    .every(({ id, category }) => id === attribute.id || category !== attribute.category);
  if (role.modifiesOrganisation && unique) {
    rooms.instance.attributes.replace({ ...attribute, deleted: false, timestamp: rooms.now() });
    rooms.instance.unpublish(attribute.eventId, rooms.now());
  }
  return { status: 302, headers: { location: `${rooms.address()}/attributes/view/${attribute.id}` }, body: '' };
}

function remove(rooms: Rooms, attribute: AttributeRecord, isHard: boolean): void {
  const { attributes } = rooms.instance;
  const blanks = { category: 'Other', type: 'comment', value: 'deleted', comment: '', toIds: false };
  const blanked = rooms.faults().sanitisesDeleted ? blanks : {};
  if (isHard) attributes.remove(attribute.id);
  else attributes.replace({ ...attribute, ...blanked, deleted: true, timestamp: rooms.now() });
  rooms.instance.unpublish(attribute.eventId, rooms.now());
}

function namedAttribute({ instance }: Rooms, { passed }: Call): AttributeRecord {
  const name = passed[0] ?? '';
  if (!isNumeric(name) && !isUuid(name)) throw new Declined(404, 'Invalid attribute ID.');
  const attribute = instance.attributes.named(name);
  if (attribute === null) throw new Declined(404, INVALID);
  return attribute;
}

function isShown(rooms: Rooms, { eventId }: AttributeRecord): boolean {
  const event = rooms.instance.event(eventId);
  return event !== null && isSeen(rooms, event);
}
