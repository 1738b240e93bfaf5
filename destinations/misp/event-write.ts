import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { ReadAttributes, Shown } from './attribute-reader.ts';
import { API, type MispCall, type MispClient } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { foundEvents } from './reply-schemas.ts';

/** A write of attributes of one event. */
export interface EventWrite {
  readonly event: string;
  readonly call: MispCall;
  readonly uuids: readonly string[];
  /** Whether what is shown afterwards is what was asked for. */
  readonly isDone: (shown: Shown) => boolean;
}

interface WriteDeps {
  readonly client: MispClient;
  readonly read: ReadAttributes;
  readonly settings: Pick<MispSettings, 'fullEvent'>;
}

/**
 * Writes, and returns the answer; null where MISP, or a server in front, failed, and all of it is there. Where it failed at several, and
 * answers questions, they are too many for one request (source: PyMISP#267: 503), or one of them makes it fail: either way they are to be
 * divided. An event that is too full fails with 500 whatever is asked of it. (Source: MISP#2361, #4424.)
 */
export async function writeEvent(
  { client, read, settings }: WriteDeps,
  { event, call, uuids, isDone }: EventWrite,
  signal: AbortSignal,
  leaving?: () => Promise<void>,
): Promise<HttpReply | null> {
  const reply = await answer();
  if (reply !== null && reply.status < 500) return reply;
  if (reply?.status === 500) await refuseTooFull();
  const shown = await read(uuids, signal);
  if (isDone(shown)) return null;
  const asked = `a request with ${uuids.length} attributes`;
  const failed =
    reply === null ? `${API} did not answer ${asked} in time` : `${API} answered ${reply.status} to ${asked}`;
  if (uuids.length > 1) throw new Fault('TooLarge', `${failed}, and answers others.`);
  throw new Fault('Unavailable', `${failed}.`);

  async function answer(): Promise<HttpReply | null> {
    try {
      return await client.send({ ...call, answers: [...(call.answers ?? []), 500, 503, 504] }, signal, leaving);
    } catch (error) {
      if (error instanceof Fault && error.timedOut) return null;
      throw error;
    }
  }

  async function refuseTooFull(): Promise<void> {
    const question = {
      method: 'POST',
      path: '/events/restSearch',
      body: { returnFormat: 'json', uuid: [event], metadata: 1 },
      needs: 'search events',
    } as const;
    const { response } = await client.read(question, foundEvents, signal);
    const count = response[0]?.Event.attribute_count ?? 0;
    if (count < settings.fullEvent) return;
    throw new Fault(
      'Refused',
      `${API} fails at the event ${event}, which has ${count} attributes: raise events of the destination, and new indicators go to new events; what is in this one can be changed when it is smaller (delete there what has ended), or is set aside once fullEvent is raised.`,
    );
  }
}
