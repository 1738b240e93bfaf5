import { Fault } from '../../indicators/fault.ts';
import { type ImportSession, importSession, sessionPage } from './reply-schemas.ts';
import { API, readReply, type ThreatStreamClient } from './threatstream-client.ts';

const PATH = '/api/v1/importsession/';
const NEEDS = 'see import sessions';
const PAGE = 1_000;
/** Sessions of a hundred thousand imports since a lost acknowledgement: more are not looked through. */
const MOST_PAGES = 100;
/**
 * The service compares by its own clock, with times that name no zone: a day covers any zone, and any clock that certificates and tokens
 * still get through with.
 */
const SLACK_MS = 24 * 60 * 60_000;

/** The session of an import whose acknowledgement was lost; null when there is none. No filter by tag is documented. */
export async function sessionByMarker(
  client: ThreatStreamClient,
  marker: string,
  sentAfter: Date,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  const since = new Date(sentAfter.getTime() - SLACK_MS).toISOString().slice(0, 19);
  let offset = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { date_modified__gte: since, limit: String(PAGE), offset: String(offset) };
    const { next, objects, size } = await client.read(
      { method: 'GET', path: PATH, query, needs: NEEDS },
      sessionPage,
      signal,
    );
    const found = objects.find(({ tags }) => tags.includes(marker));
    if (found !== undefined) return found;
    if (next === null || size === 0 || (next === undefined && size < PAGE)) return null;
    // A page may be smaller than was asked for.
    offset += size;
  }
  throw new Fault('Unavailable', `${API} lists more import sessions than are looked through for a lost request.`);
}

/** Null when there is no such session, or none any more. */
export async function sessionById(
  client: ThreatStreamClient,
  id: string,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  const call = {
    method: 'GET',
    path: `${PATH}${encodeURIComponent(id)}/`,
    needs: NEEDS,
    answers: [404],
    unlike: { path: PATH, query: { limit: '1', offset: '0' }, fault: 'Unavailable' },
  } as const;
  const reply = await client.ask(call, signal);
  return reply.status === 404 ? null : readReply(reply, importSession);
}

/** Some import sessions, of every organisation that lets us see them. */
export async function someSessions(client: ThreatStreamClient, signal: AbortSignal): Promise<readonly ImportSession[]> {
  const query = { limit: String(PAGE), offset: '0' };
  const { objects } = await client.read({ method: 'GET', path: PATH, query, needs: NEEDS }, sessionPage, signal);
  return objects;
}
