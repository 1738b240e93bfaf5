import { limitOf } from './page-limit.ts';
import { Declined, instantOf, whole } from './request-values.ts';
import { FOREIGN_STATUS, foreignSession, sessionObject, shownStatus } from './session-object.ts';
import type { Session, Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/**
 * `GET /api/v1/importsession/`: other organisations' first, then newest first. (Source: facts/apis.md 2.5.) Those of its page that are not
 * where they end are brought one step further, as when they are asked for themselves. Throws `Declined`.
 */
export function sessionList(
  query: URLSearchParams,
  sessions: Sessions,
  faults: ThreatStreamFaults,
  now: Date,
): Readonly<Record<string, unknown>> {
  const limit = limitOf(query);
  const offset = whole(query, 'offset', 0);
  const since = sinceOf(query);
  const wanted = (query.get('status__in') ?? query.get('status'))?.split(',') ?? null;
  const theirs = wanted === null || wanted.includes(FOREIGN_STATUS) ? faults.foreignSessions : 0;
  const matching = (): Session[] =>
    sessions
      .all()
      .toReversed()
      .filter(({ record }) => Date.parse(record.modified) >= since)
      .filter(({ record }) => wanted === null || wanted.includes(shownStatus(record, faults)));
  const from = Math.max(0, offset - theirs);
  const to = Math.max(0, offset + limit - theirs);
  for (const { record } of matching().slice(from, to)) {
    sessions.poll(record.id, faults, now);
  }
  const ours = matching();
  const foreign = Array.from({ length: theirs }, (_, index) => foreignSession(index, now)).slice(
    offset,
    offset + limit,
  );
  const total = theirs + ours.length;
  return {
    meta: {
      limit,
      offset,
      next: offset + limit < total ? nextPage(query, limit, offset + limit) : null,
      previous: null,
      total_count: total,
    },
    objects: [...foreign, ...ours.slice(from, to).map(({ record }) => sessionObject(record, faults))],
  };
}

function nextPage(query: URLSearchParams, limit: number, offset: number): string {
  const next = new URLSearchParams(query);
  next.set('limit', String(limit));
  next.set('offset', String(offset));
  return `/api/v1/importsession/?${next.toString()}`;
}

function sinceOf(query: URLSearchParams): number {
  const text = query.get('date_modified__gte');
  const since = text === null ? 0 : instantOf(text);
  if (since === null) throw new Declined(400, 'date_modified__gte must be an ISO 8601 time.');
  return since;
}
