import { z } from 'zod';
import { answer, type Route } from './answer.ts';
import { FOREIGN_ORGANISATION, OUR_ORGANISATION } from './organisation.ts';
import { Declined, jsonOf } from './request-values.ts';

const posted = z.object({ comment: z.string().min(1), tlp: z.enum(['red', 'white']).default('white') });

/** By value, which is the same for the copies of all organisations. (Source: facts/tips.md 2.3.) */
export const COMMENT_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/api\/v2\/intelligence\/comments\/$/,
    answer({ comments, counts, now }, { query, body }) {
      const parsed = posted.safeParse(jsonOf(body, 'The body'));
      if (!parsed.success) throw new Declined(400, 'A comment is a text with a tlp of red or white.');
      const value = valueIn(query);
      const { comment } = parsed.data;
      counts.comments += 1;
      if (comments.of(value).some((one) => !one.isForeign && one.comment === comment)) counts.doubleComments += 1;
      comments.add({ value, ...parsed.data, date: now().toISOString(), isForeign: false });
      return answer(201, { message: 'Comment successfully added', success: true });
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v2\/intelligence\/comments\/$/,
    answer({ comments, user }, { query }) {
      const author = { email: user, organization: { name: OUR_ORGANISATION.name } };
      const other = { email: 'analyst@another.invalid', organization: { name: FOREIGN_ORGANISATION.name } };
      const shown = comments
        .of(valueIn(query))
        .map(({ comment, date, tlp, isForeign }) => ({ comment, date, tlp, user: isForeign ? other : author }));
      return answer(200, { comments: shown });
    },
  },
];

function valueIn(query: URLSearchParams): string {
  const value = query.get('value');
  if (value === null || value === '') throw new Declined(400, 'value must be given.');
  return value;
}
