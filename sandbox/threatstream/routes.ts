import type { WireRequest } from '../wire.ts';
import { type Answer, answer, type Rooms, type Route, type Submission } from './answer.ts';
import { ARRIVING_ROUTES } from './arriving-routes.ts';
import { CHANGE_ROUTE } from './change-observable.ts';
import { COMMENT_ROUTES } from './comment-routes.ts';
import { Declined } from './request-values.ts';
import { search } from './search.ts';
import { SESSION_ROUTES } from './session-routes.ts';
import { TAG_ROUTES } from './tag-routes.ts';
import { THREAT_MODEL_ROUTES } from './threat-model-routes.ts';
import { userList } from './user-object.ts';

const ROUTES: readonly Route[] = [
  ...ARRIVING_ROUTES,
  ...SESSION_ROUTES,
  ...TAG_ROUTES,
  ...COMMENT_ROUTES,
  CHANGE_ROUTE,
  ...THREAT_MODEL_ROUTES,
  {
    method: 'GET',
    path: /^\/api\/v2\/intelligence\/?$/,
    answer: (rooms, { query }) => answer(200, search(query, rooms, rooms.faults())),
  },
  { method: 'GET', path: /^\/api\/v1\/user\/$/, answer: showUser },
];

/** Which request asks for what. Throws `Declined`. */
export function createRoutes(rooms: Rooms): (request: WireRequest) => Answer | Submission {
  return (request) => {
    for (const route of ROUTES) {
      const found = route.method === request.method ? route.path.exec(request.path) : null;
      if (found !== null) return route.answer(rooms, request, found.slice(1));
    }
    throw new Declined(404, 'Not found. Paths end in a slash.');
  };
}

function showUser({ faults, user }: Rooms): Answer {
  const refusals = { unauthorised: 401, forbidden: 403, missing: 404, fails: 500 };
  const { userEndpoint } = faults();
  if (userEndpoint !== 'answers') throw new Declined(refusals[userEndpoint], 'The account cannot be shown.');
  return answer(200, userList(user));
}
