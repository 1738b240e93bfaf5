import { randomUUID } from 'node:crypto';
import type { Rooms } from './answer.ts';
import { comparable, isCategory, storedValue, typeOf, valueTrouble } from './attribute-value.ts';
import { shownInstant } from './instant.ts';
import { isSet, isTrue, textOf } from './loose.ts';
import type { AttributeRecord } from './records.ts';

/** What is wrong, by field: the first trouble of each. A warninglist's veto is a text. (Source: MISP 2.5.1, MispAttribute::captureAttribute.) */
export type Errors = Readonly<Record<string, readonly string[]>> | string;
export type Input = Readonly<Record<string, unknown>>;

/** An attribute that is to be stored, as far as it is settled before it is validated. */
export interface Draft {
  readonly eventId: number;
  readonly uuid: string;
  readonly type: string;
  readonly category: string;
  readonly value: string;
  readonly toIds: boolean;
  readonly timestamp: number;
  readonly distribution: string;
  readonly comment: string;
  readonly deleted: boolean;
  readonly disableCorrelation: boolean;
  /** As they came. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

const NOTHING_WRONG: Readonly<Record<string, readonly string[]>> = {};
/** As CakePHP 2 has it: no version above 5. (Source: CakePHP 2, Validation::uuid.) */
const UUID = /^[a-f0-9]{8}-[a-f0-9]{4}-[0-5][a-f0-9]{3}-[089ab][a-f0-9]{3}-[a-f0-9]{12}$/i;
/** "Inherit event". (Source: MISP 2.5.1, MispAttribute::defaultDistribution.) */
const INHERIT = '5';

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Settles what was sent; throws nothing. (Source: MISP 2.5.1, MispAttribute::beforeValidate, beforeValidateMassage.) */
export function draftOf(input: Input, eventId: number, now: number): Draft | Errors {
  const type = textOf(input['type']) ?? '';
  if (type === '') return { type: ['No type set.'] };
  const definition = typeOf(type);
  if (definition === null) return { type: ['Invalid type.'] };
  if (Array.isArray(input['value'])) return { value: ['Value is an array.'] };
  return {
    eventId,
    uuid: (textOf(input['uuid']) || randomUUID()).toLowerCase(),
    type,
    category: textOf(input['category']) || definition.category,
    value: storedValue(type, textOf(input['value']) ?? ''),
    toIds: isSet(input['to_ids']) ? isTrue(input['to_ids']) : definition.toIds,
    timestamp: Number(textOf(input['timestamp']) || now),
    distribution: textOf(input['distribution']) ?? INHERIT,
    comment: textOf(input['comment']) ?? '',
    deleted: isTrue(input['deleted']),
    disableCorrelation: isTrue(input['disable_correlation']),
    firstSeen: textOf(input['first_seen']) || null,
    lastSeen: textOf(input['last_seen']) || null,
  };
}

export function isDraft(draft: Draft | Errors): draft is Draft {
  return typeof draft === 'object' && 'eventId' in draft;
}

interface Checks {
  /** The attribute that it replaces. */
  readonly replaces: AttributeRecord | null;
  /** Whether another of the same type, category and value stands in its way. */
  readonly unique: boolean;
}

/** What is wrong with it; an object without fields when nothing is. (Source: MISP 2.5.1, MispAttribute::$validate.) */
export function troublesOf(rooms: Rooms, draft: Draft, checks: Checks): Readonly<Record<string, readonly string[]>> {
  const { type, category, uuid, distribution, firstSeen, lastSeen } = draft;
  const found: [string, string | null][] = [
    ['type', typeOf(type)?.categories.includes(category) === true ? null : 'Options depend on the selected category.'],
    [
      'category',
      isCategory(category)
        ? null
        : 'Options : Payload delivery, Antivirus detection, Payload installation, Files dropped ...',
    ],
    ['value', storableTrouble(rooms, draft, checks)],
    ['uuid', uuidTrouble(rooms, uuid, checks)],
    [
      'distribution',
      /^[0-5]$/.test(distribution)
        ? null
        : 'Options: Your organisation only, This community only, Connected communities, All communities, Sharing group, Inherit event',
    ],
    ['first_seen', instantTrouble(firstSeen)],
    ['last_seen', instantTrouble(lastSeen) ?? orderTrouble(firstSeen, lastSeen)],
  ];
  const troubles = found.flatMap(([field, trouble]) => (trouble === null ? [] : [[field, [trouble]] as const]));
  return troubles.length === 0 ? NOTHING_WRONG : Object.fromEntries(troubles);
}

/** What is stored of a draft that nothing is wrong with. */
export function recordOf({ firstSeen, lastSeen, ...draft }: Draft): Omit<AttributeRecord, 'id' | 'tags'> {
  return { ...draft, meant: draft.value, firstSeen: shown(firstSeen), lastSeen: shown(lastSeen) };
}

function shown(instant: string | null): string | null {
  return instant === null ? null : shownInstant(instant);
}

function storableTrouble(rooms: Rooms, draft: Draft, { replaces, unique }: Checks): string | null {
  const { eventId, type, category, value, deleted } = draft;
  if (rooms.faults().filtered.includes(value)) {
    return 'This value is blocked by a regular expression in the import filters.';
  }
  const trouble = valueTrouble(type, value);
  if (trouble !== null || !unique || deleted) return trouble;
  const alike = rooms.instance.attributes
    .alike(eventId, type, value)
    .some((one) => one.id !== replaces?.id && one.category === category && comparable(one.value) === comparable(value));
  return alike ? 'A similar attribute already exists for this event.' : null;
}

function uuidTrouble(rooms: Rooms, uuid: string, { replaces }: Checks): string | null {
  if (!isUuid(uuid)) return 'Please provide a valid RFC 4122 UUID';
  if (replaces !== null) return null;
  const isTaken = rooms.instance.attributes.withUuid(uuid) !== null || rooms.faults().takenUuids.includes(uuid);
  return isTaken ? 'The UUID provided is not unique' : null;
}

function instantTrouble(instant: string | null): string | null {
  return instant === null || shownInstant(instant) !== null ? null : 'Invalid ISO 8601 format';
}

function orderTrouble(first: string | null, last: string | null): string | null {
  if (first === null || last === null) return null;
  const [from, to] = [shownInstant(first), shownInstant(last)];
  return from !== null && to !== null && from > to ? 'Last seen value should be greater than first seen value' : null;
}
