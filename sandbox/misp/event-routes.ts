import { randomUUID } from 'node:crypto';
import { type Answer, answer, type Call, Declined, notSaved, type Rooms, saved } from './answer.ts';
import { isUuid } from './attribute-draft.ts';
import { capture, editMany } from './attribute-writes.ts';
import { eventNamed, ownEvent, seenEvent } from './events-seen.ts';
import { fieldsOf, isSet, isTrue, listOf, textOf } from './loose.ts';
import type { EventRecord } from './records.ts';
import { tagsAfter } from './tagging.ts';
import { eventObject } from './wire-forms.ts';

type Input = Readonly<Record<string, unknown>>;

/** Makes an event; attributes that are wrong are left out in silence. (Source: MISP 2.5.1, EventsController::add, Event::_add.) */
export function addEvent(rooms: Rooms, call: Call): Answer {
  if (!isTrue(call.data)) throw new Declined(405, 'No valid event data received.');
  const input = eventIn(call.data);
  const uuid = (textOf(input['uuid']) || randomUUID()).toLowerCase();
  if (rooms.instance.blocked.has(uuid)) throw new Declined(403, 'Event blocked by event blocklist.');
  const attributes = listOf(input['Attribute']);
  if (isTrue(input['published']) && attributes.length === 0) {
    return notSaved('Events', 'add', {
      Event: 'Received a published event that was empty. Event add process blocked.',
    });
  }
  const existing = rooms.instance.eventWithUuid(uuid);
  if (existing !== null) {
    const location = `${rooms.address()}/events/${existing.id}`;
    const message = 'Event already exists, if you would like to edit it, use the url in the location header.';
    throw new Declined(404, message, { location });
  }
  const now = rooms.now();
  const date = new Date(now * 1_000).toISOString().slice(0, 10);
  const { defaultDistribution: distribution, role } = rooms.faults();
  const settled = overlaid({ info: '', date, threatLevel: '4', analysis: '0', distribution }, input);
  const errors = eventTroubles(settled, uuid, isSet(input['info']));
  if (Object.keys(errors).length > 0) return notSaved('Events', 'add', { Event: errors });
  const isPublished = isTrue(input['published']) && role.publishes;
  const event = rooms.instance.addEvent({
    ...settled,
    uuid,
    published: isPublished,
    timestamp: Number(textOf(input['timestamp']) || now),
    publishTimestamp: isPublished ? now : 0,
    foreign: false,
    tags: tagsAfter(rooms, [], input['Tag'], { asks: false }),
  });
  const seen = new Set<string>();
  for (const one of attributes) {
    const { value, type, category, deleted } = fieldsOf(one);
    const key = `${textOf(value)}|${textOf(type)}|${textOf(category)}`;
    if (!isTrue(deleted) && seen.has(key)) continue;
    if (!isTrue(deleted)) seen.add(key);
    capture(rooms, event.id, one, { breakOnDuplicate: true, enforceWarninglist: false, unique: false });
  }
  return shown(rooms, event, call);
}

/** Changes an event and, by uuid, what is in it. (Source: MISP 2.5.1, EventsController::edit, Event::_edit.) */
export function editEvent(rooms: Rooms, call: Call): Answer {
  const named = ownEvent(rooms, call, 'Invalid event', 'You are not authorised to do that.');
  const input = eventIn(call.data);
  const uuid = textOf(input['uuid']);
  const event = uuid === null ? named : rooms.instance.eventWithUuid(uuid);
  const fail = (errors: unknown): Answer => notSaved('Events', 'edit', errors, String(named.id));
  if (event === null) return fail('Event could not be saved: Could not find the local event.');
  const timestamp = isSet(input['timestamp']) ? Number(textOf(input['timestamp'])) : null;
  if (timestamp !== null && !(timestamp > event.timestamp)) {
    return fail('Event could not be saved: Event in the request not newer than the local copy.');
  }
  const settled = overlaid(event, input);
  const errors = eventTroubles(settled, event.uuid, true);
  if (Object.keys(errors).length > 0) return fail(errors);
  const published = isTrue(input['published']) && rooms.faults().role.publishes;
  const time = timestamp ?? rooms.now();
  const tags = tagsAfter(rooms, event.tags, input['Tag'], { asks: true });
  const publishTimestamp = published ? rooms.now() : event.publishTimestamp;
  rooms.instance.setEvent({ ...event, ...settled, tags, published, timestamp: time, publishTimestamp });
  const fast = isTrue(call.named.get('fast_update')) || isTrue(input['fast_update']);
  editMany(rooms, event.id, listOf(input['Attribute']), fast);
  return shown(rooms, named, call);
}

export function viewEvent(rooms: Rooms, call: Call): Answer {
  const event = seenEvent(rooms, call.passed[0] ?? '');
  if (call.method === 'HEAD') return answer(event === null ? 404 : 200, '');
  if (event === null) throw new Declined(404, 'Invalid event');
  return shown(rooms, event, call);
}

/** A uuid that was deleted is blocked. (Source: MISP 2.5.1, EventsController::delete, Event::beforeDelete.) */
export function deleteEvent(rooms: Rooms, call: Call): Answer {
  const event = eventNamed(rooms, call.passed[0] ?? '');
  if (event === null || event.foreign) return notSaved('Events', 'delete', 'Event was not deleted.');
  rooms.instance.removeEvent(event);
  if (rooms.faults().blocklistsDeletedEvents) rooms.instance.blocked.add(event.uuid);
  return saved('Events', 'delete', 'Event deleted.', call.passed[0] ?? null);
}

/** (Source: MISP 2.5.1, EventsController::publish, __prepareForPublish.) */
export function publishEvent(rooms: Rooms, call: Call): Answer {
  const event = eventNamed(rooms, call.passed[0] ?? '');
  if (event === null) throw new Declined(404, 'Invalid event.');
  if (event.foreign) throw new Declined(405, 'You do not have the permission to do that.');
  const { workers } = rooms.faults();
  if (workers !== 'stuck') rooms.instance.setEvent({ ...event, published: true, publishTimestamp: rooms.now() });
  const message = workers === 'none' ? 'Event published without alerts' : 'Job queued';
  return saved('Events', 'publish', message, String(event.id));
}

function shown(rooms: Rooms, { id }: EventRecord, call: Call): Answer {
  const event = rooms.instance.event(id);
  if (event === null) throw new Declined(404, 'Invalid event');
  const asked = fieldsOf(call.data)['deleted'] ?? call.named.get('deleted') ?? 0;
  const deleted = isTrue(asked) ? (Array.isArray(asked) || textOf(asked) === '1' ? 'both' : 'only') : 'none';
  const metadata = call.action !== 'view' && isTrue(call.named.get('metadata'));
  // What is deleted is shown to those alone who look at the event and ask for it.
  return answer(200, eventObject(rooms, event, { metadata, deleted: call.action === 'view' ? deleted : 'none' }));
}

type Settled = Pick<EventRecord, 'info' | 'date' | 'threatLevel' | 'analysis' | 'distribution'>;

function eventIn(data: unknown): Input {
  const fields = fieldsOf(data);
  return fieldsOf(fields['Event'] ?? fieldsOf(fields['request'] ?? fields['response'])['Event'] ?? fields);
}

function overlaid(before: Settled, input: Input): Settled {
  return {
    info: textOf(input['info']) ?? before.info,
    date: textOf(input['date']) ?? before.date,
    threatLevel: textOf(input['threat_level_id']) ?? before.threatLevel,
    analysis: textOf(input['analysis']) ?? before.analysis,
    distribution: textOf(input['distribution']) ?? before.distribution,
  };
}

/** (Source: MISP 2.5.1, Event::$validate.) */
function eventTroubles(event: Settled, uuid: string, hasInfo: boolean): Readonly<Record<string, readonly string[]>> {
  const { info, date, threatLevel, analysis, distribution } = event;
  const found: [string, boolean, string][] = [
    ['date', /^\d{4}-\d\d-\d\d$/.test(date), 'Expected date format: YYYY-MM-DD'],
    ['threat_level_id', /^[1-4]$/.test(threatLevel), 'Options : 1, 2, 3, 4 (for High, Medium, Low, Undefined)'],
    [
      'distribution',
      /^[0-4]$/.test(distribution),
      'Options : Your organisation only, This community only, Connected communities, All communities',
    ],
    ['analysis', /^[0-2]$/.test(analysis), 'Options : 0, 1, 2 (for Initial, Ongoing, Completed)'],
    ['info', info.trim() !== '', hasInfo ? 'Info cannot be empty.' : 'valueNotEmpty'],
    ['uuid', isUuid(uuid), 'Please provide a valid RFC 4122 UUID'],
  ];
  return Object.fromEntries(found.flatMap(([field, isGood, message]) => (isGood ? [] : [[field, [message]] as const])));
}
