import type { Destination } from '../destination.ts';
import type { ImportSession, Intelligence } from './reply-schemas.ts';
import type { SessionBoard } from './session-board.ts';
import { sessionById, sessionsSince } from './session-lookup.ts';
import type { ThreatStreamClient } from './threatstream-client.ts';

/** As long as it says so, an import session waits for a person or is on its way there. A word that is not known is not the end. */
const DECIDED = new Set(['approved', 'deleted', 'errors']);

/**
 * Which import sessions a person has decided about, of all that wait: one list of what has changed since the oldest was sent. One that a
 * list to its end does not show is gone.
 */
export function reviewer(client: ThreatStreamClient): NonNullable<Destination['reviewed']> {
  return async (waiting, signal) => {
    const bySession = new Map(
      waiting.flatMap(({ shipmentId, receipt: { sessionId } }) =>
        typeof sessionId === 'string' ? [[sessionId, shipmentId] as const] : [],
      ),
    );
    const sent = waiting
      .map(({ receipt }) => Date.parse(String(receipt['sentAt'])))
      .filter((time) => !Number.isNaN(time));
    if (bySession.size === 0 || sent.length === 0) return [];
    const decided: number[] = [];
    for await (const sessions of sessionsSince(client, new Date(Math.min(...sent)), signal)) {
      for (const { id, status } of sessions) {
        const shipmentId = bySession.get(id ?? '');
        if (shipmentId === undefined) continue;
        bySession.delete(id ?? '');
        if (DECIDED.has(status)) decided.push(shipmentId);
      }
    }
    return [...decided, ...bySession.values()];
  };
}

/** Whether a copy waits for a person with the import session that brought it. Each session is asked about once. */
export function waitsForReview(
  board: SessionBoard,
  since: Date,
  signal: AbortSignal,
): (copy: Intelligence) => Promise<boolean> {
  const sessions = new Map<string, Promise<ImportSession | null>>();
  return async ({ sessionId }) => {
    if (sessionId === null) return false;
    const asked = sessions.get(sessionId) ?? board.session(sessionId, since, signal);
    sessions.set(sessionId, asked);
    const session = await asked;
    return session !== null && !DECIDED.has(session.status);
  };
}

/** There is none from before. */
const EVER = new Date('2000-01-01T00:00:00Z');
const MOST_LISTED = 50_000;

/**
 * Whether import sessions wait for a person, whichever they are: by one list, read when it is first needed; one that it does not show is
 * asked for by itself.
 */
export function undecided(client: ThreatStreamClient, signal: AbortSignal): (sessionId: string) => Promise<boolean> {
  const waiting = new Map<string, boolean>();
  let isListed = false;
  return async (sessionId) => {
    if (!isListed) {
      for await (const sessions of sessionsSince(client, EVER, signal)) {
        for (const { id, status } of sessions) if (id !== null) waiting.set(id, !DECIDED.has(status));
        if (waiting.size >= MOST_LISTED) break;
      }
      isListed = true;
    }
    const known = waiting.get(sessionId);
    if (known !== undefined) return known;
    const session = await sessionById(client, sessionId, signal);
    const waits = session !== null && !DECIDED.has(session.status);
    waiting.set(sessionId, waits);
    return waits;
  };
}
