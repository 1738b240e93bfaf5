import { Fault } from '../../indicators/fault.ts';
import { isFileOf } from './file-name.ts';
import {
  type ImportSession,
  importSession,
  type SessionEntry,
  sessionEntryPage,
  sessionPage,
} from './reply-schemas.ts';
import { API, readReply, type ThreatStreamClient } from './threatstream-client.ts';

const PATH = '/api/v1/importsession/';
const NEEDS = 'see import sessions';
const PAGE = 1_000;
/** A hundred thousand sessions: more are not looked through. */
const MOST_PAGES = 100;
/**
 * The service compares by its own clock, with times that name no zone: a day covers any zone, and any clock that certificates and tokens
 * still get through with.
 */
const SLACK_MS = 24 * 60 * 60_000;
const A_SESSION = { path: PATH, query: { limit: '1', offset: '0' }, fault: 'Unavailable' } as const;

/** Sessions that have changed since, page by page to the last; a list that is not at its end is never taken for whole. */
export async function* sessionsSince(
  client: ThreatStreamClient,
  since: Date,
  signal: AbortSignal,
): AsyncGenerator<readonly ImportSession[]> {
  const from = new Date(since.getTime() - SLACK_MS).toISOString().slice(0, 19);
  let offset = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { date_modified__gte: from, limit: String(PAGE), offset: String(offset) };
    const call = { method: 'GET', path: PATH, query, needs: NEEDS } as const;
    const { next, objects, size } = await client.read(call, sessionPage, signal);
    yield objects;
    if (next === null || size === 0 || (next === undefined && size < PAGE)) return;
    // A page may be smaller than was asked for.
    offset += size;
  }
  throw new Fault('Unavailable', `${API} lists more import sessions than are looked through.`);
}

/**
 * The session of an import whose acknowledgement was lost, by the name of its file, or by the tag that releases before this one gave it;
 * null when there is none. (Source of the name: Splunk's alert action names its files to find their sessions. That it is shown is
 * UNCONFIRMED.)
 */
export async function sessionOf(
  client: ThreatStreamClient,
  marker: string,
  sentAfter: Date,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  for await (const sessions of sessionsSince(client, sentAfter, signal)) {
    const found = sessions.find(({ fileName, tags }) => isFileOf(fileName, marker) || tags.includes(marker));
    if (found !== undefined) return found;
  }
  return null;
}

/** Null when there is no such session, or none any more. */
export async function sessionById(
  client: ThreatStreamClient,
  id: string,
  signal: AbortSignal,
): Promise<ImportSession | null> {
  const path = `${PATH}${encodeURIComponent(id)}/`;
  const call = { method: 'GET', path, needs: NEEDS, answers: [404], unlike: A_SESSION } as const;
  const reply = await client.ask(call, signal);
  return reply.status === 404 ? null : readReply(reply, importSession);
}

export interface SessionList {
  readonly entries: readonly SessionEntry[];
  /** One page holds as many as a session has; should it not, what is missing is not known to be missing. */
  readonly isWhole: boolean;
}

/**
 * What a session has included, or what it has left out; null where an appliance does not have the list. (Sources: ThreatStream's API
 * reference for the first; Google SecOps's client reads both, a page of 1,000, and pages beyond are UNCONFIRMED.)
 */
export async function sessionList(
  client: ThreatStreamClient,
  id: string,
  which: 'intelligence' | 'rejects',
  signal: AbortSignal,
): Promise<SessionList | null> {
  const call = {
    method: 'GET',
    path: `${PATH}${encodeURIComponent(id)}/${which}/`,
    query: { limit: String(PAGE) },
    needs: NEEDS,
    answers: [403, 404],
    unlike: A_SESSION,
  } as const;
  const reply = await client.ask(call, signal);
  if (reply.status >= 400) return null;
  const { objects, next, unreadable, size } = readReply(reply, sessionEntryPage);
  const isWhole = unreadable === 0 && (next === null || (next === undefined && size < PAGE));
  return { entries: objects, isWhole };
}

/**
 * Leaves an observable out of a session that waits for a person. False where that is not allowed, or the session no longer waits.
 * (Source: Google SecOps's client.)
 */
export async function exclude(
  client: ThreatStreamClient,
  sessionId: string,
  remoteId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { status } = await client.send(
    {
      method: 'DELETE',
      path: `${PATH}${encodeURIComponent(sessionId)}/delete_selected/`,
      query: { create_rejected: 'true', ids: remoteId },
      needs: 'exclude observables from import sessions',
      answers: [401, 403, 404],
    },
    signal,
  );
  return status < 400;
}

/** Some import sessions, of every organisation that lets us see them. */
export async function someSessions(client: ThreatStreamClient, signal: AbortSignal): Promise<readonly ImportSession[]> {
  const query = { limit: String(PAGE), offset: '0' };
  const { objects } = await client.read({ method: 'GET', path: PATH, query, needs: NEEDS }, sessionPage, signal);
  return objects;
}
