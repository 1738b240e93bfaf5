import { limitOf } from './page-limit.ts';
import { whole } from './request-values.ts';
import { statusOf } from './session-record.ts';
import type { Session, Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/**
 * `GET /api/v1/importsession/{id}/intelligence/`: what the session holds, and those that were excluded, which have a `rejected_id` and no
 * `id`. (Source: facts/tips.md 1.4. That an offset counts is UNCONFIRMED.)
 */
export function sessionIntelligence(
  query: URLSearchParams,
  session: Session,
  sessions: Sessions,
  { excludedListed }: Pick<ThreatStreamFaults, 'excludedListed'>,
): Readonly<Record<string, unknown>> {
  const included = sessions.ownEntries(session).flatMap(({ id, value, shelf }) => {
    if (shelf === null) return [];
    return { id, value, itype: shelf.profile.itype, confidence: shelf.profile.confidence };
  });
  const excluded = excludedListed ? session.rejects.filter(({ wasExcluded }) => wasExcluded) : [];
  return page(query, [
    ...included,
    ...excluded.map(({ id, value, itype, confidence }) => ({ rejected_id: id, value, itype, confidence })),
  ]);
}

/** `GET /api/v1/importsession/{id}/rejects/`, with the reason for each. (Source: the same.) */
export function sessionRejects(
  query: URLSearchParams,
  { record, rejects }: Session,
): Readonly<Record<string, unknown>> {
  const shown = statusOf(record) === 'processing' ? [] : rejects;
  return page(
    query,
    shown.map(({ id, value, itype, confidence, message }) => ({ id, value, itype, confidence, message })),
  );
}

function page(query: URLSearchParams, all: readonly unknown[]): Readonly<Record<string, unknown>> {
  const limit = limitOf(query);
  const offset = whole(query, 'offset', 0);
  return {
    meta: { limit, next: null, offset, previous: null, total_count: all.length },
    objects: all.slice(offset, offset + limit),
  };
}
