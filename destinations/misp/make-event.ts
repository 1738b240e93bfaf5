import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import { newEvent } from './bodies.ts';
import { API, type MispClient, messageOf, refusal } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { declinedWrite, namedEvents } from './reply-schemas.ts';

interface Making {
  readonly client: Pick<MispClient, 'send' | 'read'>;
  readonly settings: MispSettings;
  readonly signal: AbortSignal;
}

/** Makes an event that is not there. That it is there already is as good; what was deleted may be blocked for ever. */
export async function mustBeFree(uuid: string, making: Making): Promise<void> {
  if ((await makeEvent(uuid, making)) !== 'blocked') return;
  throw new Fault(
    'Refused',
    `The event ${uuid} was deleted at ${API}, which blocks what was deleted: take its UUID off the event blocklist there, or choose another number of events.`,
  );
}

export function hidden(uuid: string): Fault {
  return new Fault(
    'Refused',
    `${API} has the event ${uuid}, and does not let the key of the destination see it: it is another organisation's now.`,
  );
}

/**
 * Makes sure that what is not shown of these events is gone, and not only hidden from the key: an event that is not shown either is made
 * anew, which tells. (MISP says "Invalid event" of both.)
 */
export async function mustNotBeHidden(uuids: readonly string[], making: Making): Promise<void> {
  if (uuids.length === 0) return;
  const { client, signal } = making;
  const body = { returnFormat: 'json', uuid: uuids, metadata: 1 };
  const call = { method: 'POST', path: '/events/restSearch', body, needs: 'search events' } as const;
  const { response } = await client.read(call, namedEvents, signal);
  const seen = new Set(response.map(({ Event }) => Event.uuid));
  for (const uuid of uuids) {
    if (!seen.has(uuid) && (await makeEvent(uuid, making)) === 'there') throw hidden(uuid);
  }
}

/** (Source: MISP 2.5.1, Event::_add, beforeDelete.) */
async function makeEvent(uuid: string, { client, settings, signal }: Making): Promise<'made' | 'there' | 'blocked'> {
  const needs = 'make events';
  const reply = await client.send(
    { method: 'POST', path: '/events/add', body: { Event: newEvent(uuid, settings) }, needs, answers: [403, 404] },
    signal,
  );
  const message = messageOf(reply);
  if (reply.status === 200) return 'made';
  if (reply.status === 404 && /already exists/i.test(message)) return 'there';
  if (reply.status === 403 && /blocklist/i.test(message)) return 'blocked';
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
