import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { EventWrite } from './event-write.ts';
import { API, messageOf, refusal } from './misp-client.ts';

/**
 * Changes attributes of one event by their uuids. Without times, so that each is newer than what is there. What is wrong is left out in
 * silence: see what is there afterwards. (Source: MISP 2.5.1, Event::_edit, MispAttribute::editAttribute.)
 */
export async function editEvent(
  event: string,
  attributes: readonly object[],
  edit: Pick<EventWrite, 'uuids' | 'isDone'>,
  write: (write: EventWrite) => Promise<HttpReply | null>,
): Promise<void> {
  const needs = 'change its events';
  const call = {
    method: 'POST',
    path: `/events/edit/${event}/metadata:1`,
    body: { Event: { Attribute: attributes } },
    needs,
    answers: [403, 404],
  } as const;
  const reply = await write({ event, call, ...edit });
  if (reply === null || reply.status === 200) return;
  if (reply.status === 404 && /invalid event/i.test(messageOf(reply))) {
    throw new Fault('Unavailable', `${API} has just shown attributes of the event ${event}, and does not find it now.`);
  }
  throw refusal(reply, { needs });
}
