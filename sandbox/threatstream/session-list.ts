import { Declined } from './request-values.ts';
import { foreignSession, sessionObject } from './session-object.ts';
import type { Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** `GET /api/v1/importsession/`: other organisations' first, then newest first. Throws `Declined`. */
export function sessionList(
  query: URLSearchParams,
  sessions: Sessions,
  faults: ThreatStreamFaults,
  now: Date,
): Readonly<Record<string, unknown>> {
  const limit = whole(query, 'limit', 20);
  const offset = whole(query, 'offset', 0);
  const since = timeOf(query.get('date_modified__gte'));
  const statuses = query.get('status__in') ?? query.get('status');
  const ours = sessions
    .all()
    .filter(({ record }) => Date.parse(record.modified) >= since)
    .map((session) => sessionObject(session, faults))
    .toReversed();
  const matching = [...foreignSessions(faults.foreignSessions, now), ...ours].filter(
    ({ status }) => statuses === null || statuses.split(',').some((wanted) => wanted === status),
  );
  const more = offset + limit < matching.length;
  return {
    meta: {
      limit,
      offset,
      next: more ? `/api/v1/importsession/?limit=${limit}&offset=${offset + limit}` : null,
      previous: null,
      total_count: matching.length,
    },
    objects: matching.slice(offset, offset + limit),
  };
}

function foreignSessions(count: number, now: Date): ReturnType<typeof foreignSession>[] {
  return Array.from({ length: count }, (_, index) => foreignSession(index, now));
}

function timeOf(text: string | null): number {
  if (text === null) return 0;
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time)) throw new Declined(400, 'date_modified__gte must be an ISO 8601 time.');
  return time;
}

function whole(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name) ?? String(absent);
  if (!/^\d{1,9}$/.test(text)) throw new Declined(400, `${name} must be a whole number.`);
  return Number(text);
}
