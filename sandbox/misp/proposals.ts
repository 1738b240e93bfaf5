import { type Answer, answer, type Call, Declined, notSaved, type Rooms } from './answer.ts';
import { draftOf, isDraft, troublesOf } from './attribute-draft.ts';
import { seenEvent } from './events-seen.ts';
import { fieldsOf } from './loose.ts';

/** What is proposed for an event waits for its organisation. (Source: MISP 2.5.1, ShadowAttributesController::add.) */
export function addProposal(rooms: Rooms, call: Call): Answer {
  const event = seenEvent(rooms, call.passed[0] ?? '');
  if (event === null) throw new Declined(404, 'Invalid Event');
  const outer = fieldsOf(call.data);
  const draft = draftOf(fieldsOf(outer['ShadowAttribute'] ?? outer), event.id, rooms.now());
  const errors = isDraft(draft) ? troublesOf(rooms, draft, { replaces: null, unique: true }) : draft;
  if (!isDraft(draft) || Object.keys(errors).length > 0) return notSaved('ShadowAttributes', 'add', errors);
  const { uuid, type, category, value, toIds } = draft;
  const { id } = rooms.instance.propose({ uuid, eventId: event.id, type, category, value, toIds });
  const shadow = {
    id: String(id),
    old_id: '0',
    event_id: String(event.id),
    type,
    category,
    value,
    to_ids: toIds,
    uuid,
  };
  return answer(200, { ShadowAttribute: { ...shadow, deleted: false, proposal_to_delete: false } });
}
