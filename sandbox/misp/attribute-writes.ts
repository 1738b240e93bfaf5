import type { Rooms } from './answer.ts';
import { Declined, INTERNAL_ERROR } from './answer.ts';
import { type Draft, draftOf, type Errors, type Input, isDraft, recordOf, troublesOf } from './attribute-draft.ts';
import { comparable } from './attribute-value.ts';
import { isSame } from './attributes.ts';
import { fieldsOf, isSet, isTrue, listOf, textOf } from './loose.ts';
import { type AttributeRecord, isHeld } from './records.ts';
import { tagsAfter } from './tagging.ts';
import { isListed } from './warninglists.ts';

interface Ways {
  /** False: one of the same value is changed, and keeps its uuid. */
  readonly breakOnDuplicate: boolean;
  /** Whether the values of warninglists are refused. */
  readonly enforceWarninglist: boolean;
  /** Whether another with the same value stands in its way. */
  readonly unique: boolean;
}

/** Takes in one attribute that is new, or says why not. (Source: MISP 2.5.1, MispAttribute::captureAttribute.) */
export function capture(rooms: Rooms, eventId: number, sent: unknown, ways: Ways): number | Errors {
  const { instance } = rooms;
  const input = fieldsOf(sent);
  const now = rooms.now();
  const vetoes = ways.enforceWarninglist || isTrue(input['enforceWarninglist']);
  if (vetoes && isListed(rooms, textOf(input['value']) ?? '')) {
    return 'Attribute could not be saved as it trips over a warninglist and enforceWarninglist is enforced.';
  }
  // It looks for what was sent, before that is brought into the form that it is stored in.
  const same = ways.breakOnDuplicate ? null : alike(rooms, eventId, input);
  const draft = draftOf(same === null ? input : { ...input, uuid: same.uuid }, eventId, now);
  if (!isDraft(draft)) return draft;
  const errors = troublesOf(rooms, draft, { replaces: same, unique: ways.breakOnDuplicate && ways.unique });
  if (Object.keys(errors).length > 0) {
    countAgain(rooms, draft);
    return errors;
  }
  // Here, unlike in an edit, nobody asks whether the role may tag.
  const tags = tagsAfter(rooms, same?.tags ?? [], input['Tag'], { asks: false });
  if (same === null) return instance.attributes.add({ ...recordOf(draft), tags }).id;
  instance.attributes.replace({ ...recordOf(draft), id: same.id, tags });
  return same.id;
}

/** What an edit of an event does to its attributes: those that are wrong are left out in silence. (Source: MISP 2.5.1, Event::_edit.) */
export function editMany(rooms: Rooms, eventId: number, sent: readonly unknown[], fast: boolean): void {
  const { attributes } = rooms.instance;
  const planned = sent.flatMap((one) => plan(rooms, eventId, fieldsOf(one)) ?? []);
  // All are looked at before any is stored: two new ones of the same value both pass.
  const good = planned.filter(
    ({ draft, replaces }) => Object.keys(troublesOf(rooms, draft, { replaces, unique: !fast })).length === 0,
  );
  const fresh = good.flatMap(({ draft, replaces }) => (replaces === null ? [draft.uuid] : []));
  // The database has a unique key, and takes all or nothing.
  if (new Set(fresh).size < fresh.length) throw new Declined(500, INTERNAL_ERROR);
  for (const { draft, replaces, input } of good) {
    const tags = tagsAfter(rooms, replaces?.tags ?? [], input['Tag'], { asks: true });
    if (replaces === null) attributes.add({ ...recordOf(draft), tags });
    else attributes.replace({ ...recordOf(draft), id: replaces.id, tags });
  }
}

interface Planned {
  readonly draft: Draft;
  readonly replaces: AttributeRecord | null;
  readonly input: Input;
}

/** Null for what is passed over: a uuid that lives elsewhere, a time that is no newer. (Source: MISP 2.5.1, MispAttribute::editAttribute.) */
function plan(rooms: Rooms, eventId: number, input: Input): Planned | null {
  const uuid = textOf(input['uuid']);
  const existing = uuid === null ? null : rooms.instance.attributes.withUuid(uuid);
  if (existing !== null && existing.eventId !== eventId) return null;
  if (existing === null && uuid !== null && rooms.faults().takenUuids.includes(uuid)) return null;
  const draft = existing === null ? draftOf(input, eventId, rooms.now()) : overlaid(rooms, existing, input, 'bulk');
  if (!isDraft(draft)) return null;
  if (existing !== null && isSet(input['timestamp']) && draft.timestamp <= existing.timestamp) {
    countAgain(rooms, draft);
    return null;
  }
  return { draft, replaces: existing, input };
}

/** An attribute with what was sent of it in place of what it had; null counts as not sent. */
export function overlaid(rooms: Rooms, existing: AttributeRecord, input: Input, by: 'bulk' | 'one'): Draft | Errors {
  const sent = Object.fromEntries(Object.entries(input).filter(([, value]) => isSet(value)));
  const restores = by === 'one' || rooms.faults().restoresByEdit || isTrue(sent['deleted']);
  return draftOf(
    {
      value: existing.value,
      to_ids: existing.toIds,
      distribution: existing.distribution,
      category: existing.category,
      type: existing.type,
      comment: existing.comment,
      first_seen: existing.firstSeen,
      last_seen: existing.lastSeen,
      disable_correlation: existing.disableCorrelation,
      ...sent,
      uuid: existing.uuid,
      deleted: restores ? (sent['deleted'] ?? existing.deleted) : existing.deleted,
    },
    existing.eventId,
    rooms.now(),
  );
}

/** The attributes of a body: a list, or one. */
export function attributesIn(data: unknown): readonly unknown[] {
  const inner = fieldsOf(data)['Attribute'] ?? data;
  if (Array.isArray(inner)) return inner;
  const fields = fieldsOf(inner);
  if ('0' in fields) return listOf(fields);
  const values = fields['value'];
  const withValue = (value: unknown): Input => ({ ...fields, value });
  return Array.isArray(values) ? values.map(withValue) : [fields];
}

function alike({ instance }: Rooms, eventId: number, input: Input): AttributeRecord | null {
  const value = textOf(input['value']) ?? '';
  const category = textOf(input['category']);
  const found = instance.attributes
    .alike(eventId, textOf(input['type']) ?? '', value)
    .find((one) => category === null || one.category === category);
  return found ?? null;
}

/** Counts it when it is held in just the form in which it was refused. */
function countAgain({ instance }: Rooms, draft: Draft): void {
  const { attributes } = instance;
  const held = [...attributes.alike(draft.eventId, draft.type, draft.value), attributes.withUuid(draft.uuid)];
  const isThere = held.some(
    (one) =>
      one !== null &&
      isHeld(one) &&
      comparable(one.value) === comparable(draft.value) &&
      isSame(one, { ...recordOf(draft), id: one.id, tags: one.tags, value: one.value }),
  );
  if (isThere) attributes.arrivedAgain();
}
