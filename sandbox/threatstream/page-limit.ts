import { whole } from './request-values.ts';

const LIMIT = { default: 20, most: 1_000 };

/** Of a page of a list; 0 asks for the most. (Source: facts/apis.md 2.6, facts/tips.md 2.1.) */
export function limitOf(query: URLSearchParams): number {
  const limit = whole(query, 'limit', LIMIT.default);
  return limit === 0 ? LIMIT.most : Math.min(limit, LIMIT.most);
}
