import { showPyMispVersion, showUser, showVersion } from './account-routes.ts';
import { type Answer, type Call, Declined, INTERNAL_ERROR, type Rooms } from './answer.ts';
import {
  addAttributes,
  deleteAttribute,
  deleteSelected,
  editAttribute,
  restoreAttribute,
  viewAttribute,
} from './attribute-routes.ts';
import { addTagToAttribute, removeTagFromAttribute } from './attribute-tag-routes.ts';
import { addEvent, deleteEvent, editEvent, publishEvent, viewEvent } from './event-routes.ts';
import { eventNamed } from './events-seen.ts';
import type { MispFaults } from './misp-faults.ts';
import { addProposal } from './proposals.ts';
import { searchAttributes, searchEvents } from './search.ts';
import { addTag, attachTag, detachTag, listTags } from './tag-routes.ts';
import { checkValues } from './warninglists.ts';

interface Route {
  readonly methods: readonly string[];
  /** What of the role it takes; null: nothing. (Source: MISP 2.5.1, ACLComponent::ACL_LIST.) */
  readonly needs: keyof MispFaults['role'] | null;
  readonly answer: (rooms: Rooms, call: Call) => Answer;
}

function route(methods: readonly string[], needs: Route['needs'], answer: Route['answer']): Route {
  return { methods, needs, answer };
}

const READ = ['GET', 'HEAD', 'POST'];
const WRITE = ['POST', 'PUT'];
const DELETE = ['POST', 'DELETE'];

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['servers/getVersion', route(READ, null, showVersion)],
  ['servers/getPyMISPVersion', route(READ, null, showPyMispVersion)],
  ['users/view', route(READ, null, showUser)],
  ['events/add', route(WRITE, 'adds', addEvent)],
  ['events/edit', route(WRITE, 'adds', editEvent)],
  ['events/view', route(READ, null, viewEvent)],
  ['events/delete', route(['POST', 'PUT', 'DELETE'], 'adds', deleteEvent)],
  ['events/publish', route(WRITE, 'publishes', publishEvent)],
  ['events/restSearch', route(READ, null, searchEvents)],
  ['attributes/add', route(['POST'], 'adds', addAttributes)],
  ['attributes/edit', route(WRITE, 'adds', editAttribute)],
  ['attributes/view', route(READ, null, viewAttribute)],
  ['attributes/delete', route(DELETE, 'adds', deleteAttribute)],
  ['attributes/deleteSelected', route(['POST'], 'adds', deleteSelected)],
  ['attributes/restore', route(READ, 'adds', restoreAttribute)],
  ['attributes/restSearch', route(READ, null, searchAttributes)],
  ['attributes/addTag', route(['POST'], 'tags', addTagToAttribute)],
  ['attributes/removeTag', route(['POST'], 'tags', removeTagFromAttribute)],
  ['tags/index', route(READ, null, listTags)],
  ['tags/add', route(['POST'], 'makesTags', addTag)],
  ['tags/attachTagToObject', route(['POST'], 'tags', attachTag)],
  ['tags/removeTagFromObject', route(['POST'], 'tags', detachTag)],
  ['warninglists/checkValue', route(READ, null, checkValues)],
  ['shadowAttributes/add', route(['POST'], 'adds', addProposal)],
]);

/** What answers a call. Throws `Declined`. */
export function answered(rooms: Rooms, call: Call): Answer {
  const found = ROUTES.get(`${call.controller}/${call.action}`);
  if (found === undefined) throw new Declined(404, 'Invalid controller.');
  const { key, role } = rooms.faults();
  const isReadOnly = key === 'read-only';
  if (found.needs !== null && (isReadOnly || !role[found.needs])) {
    throw new Declined(403, 'You do not have permission to use this functionality.');
  }
  if (!found.methods.includes(call.method)) {
    throw new Declined(405, 'This function is only accessible via POST requests.');
  }
  if (isTooFull(rooms, call)) throw new Declined(500, INTERNAL_ERROR);
  return found.answer(rooms, call);
}

/** Whether it is about an event as a whole, or adds to one, that has more in it than the instance can bear. */
function isTooFull(rooms: Rooms, { controller, action, passed }: Call): boolean {
  const { mostInEvent } = rooms.faults();
  const isOfEvent = controller === 'events' || action === 'add';
  const event = mostInEvent === null || !isOfEvent ? null : eventNamed(rooms, passed[0] ?? '');
  return event !== null && mostInEvent !== null && rooms.instance.attributes.of(event.id).length > mostInEvent;
}
