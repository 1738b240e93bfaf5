import { z } from 'zod';
import type { WireRequest } from '../wire.ts';
import { type Answer, answer, breakOn, type Rooms, type Route } from './answer.ts';
import type { Profile } from './profile.ts';
import { Declined, expirationOf, isTlp, jsonOf } from './request-values.ts';
import { idList } from './search-filter.ts';
import { sessionIntelligence, sessionRejects } from './session-contents.ts';
import { sessionList } from './session-list.ts';
import { sessionObject } from './session-object.ts';
import type { Session } from './sessions.ts';

const edit = z.object({
  tlp: z.string().refine(isTlp).nullable().optional(),
  intelligence_source: z.string().optional(),
  expiration_ts: z.string().nullable().optional(),
});

/** Import sessions: shown, decided on, edited. (Source: facts/apis.md 2.5, facts/tips.md 1.4.) */
export const SESSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/api\/v1\/importsession\/$/,
    answer: ({ sessions, faults, now }, { query }) => answer(200, sessionList(query, sessions, faults(), now())),
  },
  {
    method: 'GET',
    path: /^\/api\/v1\/importsession\/(\d+)\/$/,
    answer(rooms, _request, [id = '']) {
      rooms.sessions.poll(id, rooms.faults(), rooms.now());
      return shown(rooms, sessionOf(rooms, id));
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v1\/importsession\/(\d+)\/intelligence\/$/,
    answer(rooms, { query }, [id = '']) {
      const session = listedSession(rooms, id);
      return answer(200, sessionIntelligence(query, session, rooms.sessions, rooms.faults()));
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v1\/importsession\/(\d+)\/rejects\/$/,
    answer: (rooms, { query }, [id = '']) => answer(200, sessionRejects(query, listedSession(rooms, id))),
  },
  {
    method: 'PATCH',
    path: /^\/api\/v1\/importsession\/(\d+)\/approve_all\/$/,
    answer(rooms, _request, [id = '']) {
      const session = approvable(rooms, id);
      rooms.review.approveAll(session);
      return shown(rooms, session);
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/v1\/importsession\/(\d+)\/approve_selected\/$/,
    answer(rooms, request, [id = '']) {
      const session = approvable(rooms, id);
      rooms.review.approveSelected(session, idsIn(request, 'ids'));
      return shown(rooms, session);
    },
  },
  {
    method: 'DELETE',
    path: /^\/api\/v1\/importsession\/(\d+)\/delete_selected\/$/,
    answer(rooms, request, [id = '']) {
      if (!rooms.faults().mayExclude) throw new Declined(403, 'The user may not exclude observables.');
      const session = sessionOf(rooms, id);
      rooms.review.exclude(session, idsIn(request, 'ids'), request.query.get('create_rejected') === 'true');
      return shown(rooms, session);
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/v1\/importsession\/(\d+)\/add_rejects\/$/,
    answer(rooms, request, [id = '']) {
      const session = sessionOf(rooms, id);
      rooms.review.include(session, idsIn(request, 'ids'));
      return shown(rooms, session);
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/v1\/importsession\/(\d+)\/$/,
    answer(rooms, { body }, [id = '']) {
      const session = sessionOf(rooms, id);
      editSession(rooms, session, body);
      return shown(rooms, session);
    },
  },
];

function sessionOf({ sessions, faults }: Rooms, id: string): Session {
  const session = sessions.get(id);
  if (session === undefined) throw new Declined(404, 'Not found.');
  breakOn(faults().broken.sessions, session.entries);
  return session;
}

/** An appliance may not have the two lists: one source tells of them. */
function listedSession(rooms: Rooms, id: string): Session {
  if (rooms.faults().sessionLists === 'missing') throw new Declined(404, 'Not found.');
  return sessionOf(rooms, id);
}

function approvable(rooms: Rooms, id: string): Session {
  const session = sessionOf(rooms, id);
  if (rooms.faults().noApprovePermission) throw new Declined(401, 'The user may not approve.');
  return session;
}

function shown({ faults }: Rooms, { record }: Session): Answer {
  return answer(200, sessionObject(record, faults()));
}

function idsIn({ query }: WireRequest, name: string): number[] {
  return idList(query.get(name) ?? '');
}

/** Also of what the session has brought. */
function editSession(rooms: Rooms, session: Session, body: string): void {
  const parsed = edit.safeParse(jsonOf(body, 'The body'));
  if (!parsed.success) throw new Declined(400, z.prettifyError(parsed.error));
  const { tlp, intelligence_source: source, expiration_ts } = parsed.data;
  const change = {
    ...(tlp === undefined ? {} : { tlp }),
    ...(source === undefined ? {} : { source }),
    ...(expiration_ts === undefined ? {} : { expiration: expirationOf(expiration_ts, rooms.now()) }),
  };
  const changed = new Map<Profile, Profile>();
  for (const entry of rooms.sessions.ownEntries(session)) {
    const profile = entry.shelf?.profile;
    if (profile === undefined) continue;
    const next = changed.get(profile) ?? { ...profile, ...change };
    changed.set(profile, next);
    rooms.holdings.change(entry, next, entry.state, true);
  }
  rooms.sessions.amend(session, change, rooms.now());
}
