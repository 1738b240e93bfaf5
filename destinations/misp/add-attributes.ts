import { parseJson } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { newAttribute } from './bodies.ts';
import type { EventWrite } from './event-write.ts';
import { isAsWanted, type Wanted } from './likeness.ts';
import { hidden, mustBeFree } from './make-event.ts';
import { API, type MispClient, messageOf, refusal } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { declinedWrite } from './reply-schemas.ts';
import { type Trouble, troublesIn } from './troubles.ts';

interface Adding {
  readonly client: Pick<MispClient, 'send' | 'read'>;
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
    await mustBeFree(event, { client, settings, signal });
    reply = await add();
    if (isNoEvent(reply)) throw hidden(event);
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
