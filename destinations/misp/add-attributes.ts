import { parseJson } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { newAttribute, newEvent } from './bodies.ts';
import type { EventWrite } from './event-write.ts';
import { isAsWanted, type Wanted } from './likeness.ts';
import { API, type MispClient, messageOf, refusal } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { declinedWrite } from './reply-schemas.ts';
import { type Trouble, troublesIn } from './troubles.ts';

interface Adding {
  readonly client: Pick<MispClient, 'send'>;
  readonly settings: MispSettings;
  /** Null: all of it is there. */
  readonly write: (write: EventWrite) => Promise<HttpReply | null>;
  readonly signal: AbortSignal;
}

/** Adds attributes to the event that they are at home in, which is made when it is not there, and returns what was not taken. */
export async function addAttributes(
  event: string,
  wanted: readonly Wanted[],
  { client, settings, write, signal }: Adding,
): Promise<readonly Trouble[]> {
  const needs = 'add attributes to its events';
  const add = (): Promise<HttpReply | null> =>
    write({
      event,
      call: {
        method: 'POST',
        path: `/attributes/add/${event}${settings.enforceWarninglist ? '/enforceWarninglist:1' : ''}`,
        body: wanted.map(newAttribute),
        needs,
        answers: [403, 404],
      },
      uuids: wanted.map(({ uuid }) => uuid),
      isDone: (shown) => wanted.every((one) => isAsWanted(one, shown.get(one.uuid))),
    });
  let reply = await add();
  if (isNoEvent(reply)) {
    await makeEvent(event, { client, settings, signal });
    reply = await add();
    if (isNoEvent(reply)) {
      throw new Fault(
        'Refused',
        `${API} has the event ${event}, and does not let the key of the destination see it: it is another organisation's now.`,
      );
    }
  }
  if (reply === null) return [];
  const { data } = declinedWrite.safeParse(parseJson(API, reply));
  const isOfItems =
    reply.status === 200 || (data?.saved === false && data.errors !== undefined && data.errors !== null);
  if (!isOfItems) throw refusal(reply, { needs });
  return troublesIn(
    data?.errors,
    wanted.map(({ item }) => item.id),
  );
}

function isNoEvent(reply: HttpReply | null): boolean {
  return reply?.status === 404 && /invalid event/i.test(messageOf(reply));
}

/** That it is there already is as good. What was deleted may be blocked for ever. (Source: MISP 2.5.1, Event::_add, beforeDelete.) */
async function makeEvent(
  uuid: string,
  { client, settings, signal }: Pick<Adding, 'client' | 'settings' | 'signal'>,
): Promise<void> {
  const needs = 'make events';
  const reply = await client.send(
    { method: 'POST', path: '/events/add', body: { Event: newEvent(uuid, settings) }, needs, answers: [403, 404] },
    signal,
  );
  const message = messageOf(reply);
  if (reply.status === 200 || (reply.status === 404 && /already exists/i.test(message))) return;
  if (reply.status === 403 && /blocklist/i.test(message)) {
    throw new Fault(
      'Refused',
      `The event ${uuid} was deleted at ${API}, which blocks what was deleted: take its UUID off the event blocklist there, or choose another number of events.`,
    );
  }
  const { data } = declinedWrite.safeParse(parseJson(API, reply));
  if (reply.status === 403 && data?.saved === false) {
    const fields = Object.keys(Object(Object(data.errors).Event ?? data.errors)).filter((name) =>
      /^[a-z_]+$/.test(name),
    );
    throw new Fault(
      'Refused',
      `${API} declined to make an event${fields.length === 0 ? '' : ` for its ${fields.join(', ')}`}. Check distribution and sharingGroup of the destination.`,
    );
  }
  throw refusal(reply, { needs });
}
