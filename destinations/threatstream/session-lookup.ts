import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import { type ImportSession, importSession, sessionPage } from './reply-schemas.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';

const PATH = '/api/v1/importsession/';
const NEEDS = 'see import sessions';
const PAGE = 100;
/** Sessions of ten thousand imports in the time since a lost acknowledgement: more are not looked through. */
const MOST_PAGES = 100;
/** Clocks differ. */
const SLACK_MS = 10 * 60_000;

/** The session of an import whose acknowledgement was lost; null when there is none. No filter by tag is documented. */
export async function sessionByMarker(
  client: ThreatStreamClient,
  marker: string,
  sentAfter: Date,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  const since = new Date(sentAfter.getTime() - SLACK_MS).toISOString().slice(0, 19);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { date_modified__gte: since, limit: String(PAGE), offset: String(page * PAGE) };
    const { meta, objects } = await client.read(
      { method: 'GET', path: PATH, query, needs: NEEDS },
      sessionPage,
      signal,
    );
    const found = objects.find(({ tags }) => tags.includes(marker));
    if (found !== undefined) return found;
    if (meta.next === null || meta.next === undefined || objects.length === 0) return null;
  }
  return null;
}

/** Null when there is no such session, or none any more. */
export async function sessionById(
  client: ThreatStreamClient,
  id: string,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  const reply = await client.send({ method: 'GET', path: `${PATH}${id}/`, needs: NEEDS, mayBeMissing: true }, signal);
  if (reply.status === 404) return null;
  const parsed = importSession.safeParse(parseJson(API, reply));
  if (reply.status === 200 && parsed.success) return parsed.data;
  throw new Fault(
    'Unavailable',
    `${API} answered ${reply.status} for an import session, in a form that could not be read.`,
  );
}

/** The organisation that the user belongs to, as its import sessions name it; null when it has none. */
export async function ownOrganization(client: ThreatStreamClient, signal: AbortSignal): Promise<number | null> {
  const query = { limit: '1', offset: '0' };
  const { objects } = await client.read({ method: 'GET', path: PATH, query, needs: NEEDS }, sessionPage, signal);
  return objects[0]?.organization?.id ?? null;
}
