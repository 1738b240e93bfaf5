import { answer, type Route } from './answer.ts';
import { heldCopy } from './copies.ts';
import { intelligenceObject } from './intelligence-object.ts';
import { OUR_ORGANISATION, USER_ID } from './organisation.ts';
import { limitOf } from './page-limit.ts';
import { Declined, whole } from './request-values.ts';

/**
 * What belongs to a threat model or an investigation. (Source: facts/tips.md 2.2. That a listing has observables whatever their status, and no
 * filter, is UNCONFIRMED. The type of an observable among the elements is XSOAR's `AnomaliThreatStreamv3`, `create_element_list`.)
 */
export const THREAT_MODEL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/api\/v1\/([a-z]+)\/(\d+)\/intelligence\/$/,
    answer({ holdings, models }, { query, path }, [type = '', id = '']) {
      const model = models.model(type, id);
      if (model === undefined) throw new Declined(404, 'Not found.');
      const [limit, offset] = [limitOf(query), whole(query, 'offset', 0)];
      const entries = [...new Set(model.observables)].flatMap((one) => holdings.byId(one) ?? []);
      const copies = entries.flatMap((entry) => heldCopy(entry) ?? []).sort((a, b) => a.updateId - b.updateId);
      const next = new URLSearchParams(query);
      next.set('limit', String(limit));
      next.set('offset', String(offset + limit));
      return answer(200, {
        meta: {
          limit,
          next: offset + limit < copies.length ? `${path}?${next.toString()}` : null,
          offset,
          previous: null,
          total_count: copies.length,
        },
        objects: copies.slice(offset, offset + limit).map(intelligenceObject),
      });
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v1\/investigation\/(\d+)\/$/,
    answer({ models }, { path }, [id = '']) {
      const found = models.investigation(id);
      if (found === undefined) throw new Declined(404, 'Not found.');
      return answer(200, {
        id: found.id,
        name: `Investigation ${found.id}`,
        description: null,
        status: 'in-progress',
        priority: 'medium',
        assignee_id: USER_ID,
        assignee_type: 'user',
        tlp: 'red',
        tags: [],
        circles: [],
        owner_org: OUR_ORGANISATION,
        elements: found.observables.map((one, place) => ({
          id: place + 1,
          r_type: 'intelligence2',
          r_id: one,
          add_related_indicators: 0,
        })),
        resource_uri: path,
      });
    },
  },
];
