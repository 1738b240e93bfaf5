import { z } from 'zod';
import type { WireReply, WireRequest } from '../wire.ts';
import type { BulkQueue } from './bulk-queue.ts';
import { readBulkWrite } from './bulk-write.ts';
import { formFields } from './form-fields.ts';
import type { Holdings } from './holdings.ts';
import { readImportForm } from './import-form.ts';
import { intelligenceObject } from './intelligence-object.ts';
import { FOREIGN_IDS } from './organisation.ts';
import { Declined, jsonOf } from './request-values.ts';
import { search } from './search.ts';
import { sessionList } from './session-list.ts';
import { sessionObject } from './session-object.ts';
import type { Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { userList } from './user-object.ts';

/** A complete answer: nothing is cut here. */
export type Answer = Exclude<WireReply, 'cut'>;

/** A request that brings values and has been found in order; it counts once it is taken in. */
export interface Submission {
  take(): Answer;
}

export interface Rooms {
  readonly holdings: Holdings;
  readonly sessions: Sessions;
  readonly bulk: BulkQueue;
  readonly counts: { publicShares: number; foreignTouched: number };
  readonly faults: () => ThreatStreamFaults;
  readonly now: () => Date;
  /** Who asks. */
  readonly user: string;
}

const change = z.object({ status: z.enum(['active', 'inactive', 'falsepos']).optional() });

/** Which request asks for what. Throws `Declined`. */
export function createRoutes(rooms: Rooms): (request: WireRequest) => Answer | Submission {
  return (request) => {
    const { method, path, query } = request;
    if (method === 'POST' && /^\/api\/v[12]\/intelligence\/import\/$/.test(path)) return importText(rooms, request);
    if (method === 'PATCH' && /^\/api\/v[12]\/intelligence\/$/.test(path)) return writeBulk(rooms, request);
    if (method === 'GET' && /^\/api\/v2\/intelligence\/?$/.test(path)) {
      return answer(200, search(query, rooms.holdings, rooms.sessions, rooms.faults()));
    }
    const intelligence = /^\/api\/v2\/intelligence\/(\d+)\/$/.exec(path)?.[1];
    if (method === 'PATCH' && intelligence !== undefined) return changeOne(rooms, Number(intelligence), request.body);
    if (method === 'GET' && path === '/api/v1/importsession/') {
      return answer(200, sessionList(query, rooms.sessions, rooms.faults(), rooms.now()));
    }
    if (method === 'GET' && path === '/api/v1/user/') return showUser(rooms);
    const session = /^\/api\/v1\/importsession\/(\d+)\/$/.exec(path)?.[1];
    if (method === 'GET' && session !== undefined) return showSession(rooms, session);
    const approved = /^\/api\/v1\/importsession\/(\d+)\/approve_all\/$/.exec(path)?.[1];
    if (method === 'PATCH' && approved !== undefined) return approveSession(rooms, approved);
    throw new Declined(404, 'Not found. Paths end in a slash.');
  };
}

function importText(rooms: Rooms, { headers, body }: WireRequest): Submission {
  const faults = rooms.faults();
  const fields = formFields(headers['content-type'] ?? '', body);
  if (fields === null) throw new Declined(400, 'An import is a form.');
  const form = readImportForm(fields, rooms.now(), faults.urlYieldsHost);
  declinePoison(form.observables, faults);
  if (form.approved && faults.noApprovePermission) throw new Declined(403, 'The user may not approve imports.');
  return {
    take() {
      const { record } = rooms.sessions.open(form, faults, rooms.now());
      if (form.isPublic) rooms.counts.publicShares += form.observables.length;
      return answer(202, { success: true, import_session_id: record.id, job_id: record.jobId });
    },
  };
}

function writeBulk(rooms: Rooms, { body }: WireRequest): Submission {
  const faults = rooms.faults();
  if (faults.noApprovePermission) throw new Declined(403, 'The user needs the permission Approve Intel.');
  const { items, values } = readBulkWrite(body, rooms.now(), faults);
  declinePoison(
    values.map((value) => ({ value })),
    faults,
  );
  return {
    take() {
      rooms.bulk.accept(items, faults);
      rooms.counts.publicShares += items.filter(({ profile }) => profile.isPublic).length;
      return { status: 202, headers: { 'content-type': 'text/html' }, body: '' };
    },
  };
}

function changeOne(rooms: Rooms, id: number, body: string): Answer {
  if (id >= FOREIGN_IDS) {
    rooms.counts.foreignTouched += 1;
    throw new Declined(403, 'It belongs to another organisation.');
  }
  const entry = rooms.holdings.byId(id);
  if (entry === undefined || entry.shelf === null) throw new Declined(404, 'Not found.');
  breakOn(rooms.faults().broken.changes, [entry]);
  const parsed = change.safeParse(jsonOf(body, 'The body'));
  if (!parsed.success) throw new Declined(400, 'status must be active, inactive or falsepos.');
  if (parsed.data.status === 'active') rooms.holdings.approve(entry);
  else if (parsed.data.status !== undefined) rooms.holdings.withdraw(entry);
  return answer(200, intelligenceObject(entry, entry.shelf.profile));
}

function showUser({ faults, user }: Rooms): Answer {
  const refusals = { unauthorised: 401, forbidden: 403, missing: 404, fails: 500 };
  const { userEndpoint } = faults();
  if (userEndpoint !== 'answers') throw new Declined(refusals[userEndpoint], 'The account cannot be shown.');
  return answer(200, userList(user));
}

function showSession({ sessions, faults, now }: Rooms, id: string): Answer {
  const session = sessions.poll(id, now());
  if (session === undefined) throw new Declined(404, 'Not found.');
  breakOn(faults().broken.sessions, session.entries);
  return answer(200, sessionObject(session, faults()));
}

function approveSession({ sessions, faults, now }: Rooms, id: string): Answer {
  const session = sessions.get(id);
  if (session === undefined) throw new Declined(404, 'Not found.');
  if (faults().noApprovePermission) throw new Declined(401, 'The user may not approve.');
  if (!sessions.approve(session, now())) throw new Declined(400, 'The session is not ready for review.');
  return answer(200, sessionObject(session, faults()));
}

function declinePoison(values: readonly { readonly value: string }[], faults: ThreatStreamFaults): void {
  const { poison, declineAll, broken } = faults;
  breakOn(broken.imports, values);
  if (declineAll) throw new Declined(400, 'trustedcircles: there is no such circle.');
  if (poison.length > 0 && values.some(({ value }) => poison.includes(value))) {
    throw new Declined(400, 'The request could not be processed.');
  }
}

function breakOn(broken: readonly string[], values: readonly { readonly value: string }[]): void {
  if (values.some(({ value }) => broken.includes(value))) throw new Declined(500, 'Internal server error.');
}

function answer(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
