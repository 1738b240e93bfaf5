import { z } from 'zod';
import { Declined } from './request-values.ts';
import { readSearchQuery, type SearchQuery } from './search-query.ts';

export const savedSearch = z.strictObject({
  id: z.int().min(1),
  q: z.string().refine(isUnderstood, 'must be a query that a search understands'),
});
type SavedSearch = z.infer<typeof savedSearch>;

/** What somebody saved under `search_filter`. (Source: facts/tips.md 2.1.) */
export class SavedSearches {
  readonly #byId = new Map<string, SavedSearch>();

  define(search: SavedSearch): void {
    this.#byId.set(String(search.id), search);
  }

  /** Throws `Declined` for one that there is not. (UNCONFIRMED: what the real one answers then is published nowhere.) */
  queryOf(id: string): SearchQuery {
    const known = this.#byId.get(id);
    if (known === undefined) throw new Declined(400, 'search_filter: there is no such saved search.');
    return readSearchQuery(known.q);
  }

  all(): SavedSearch[] {
    return [...this.#byId.values()];
  }
}

function isUnderstood(q: string): boolean {
  try {
    readSearchQuery(q);
    return true;
  } catch (error) {
    if (error instanceof Declined) return false;
    throw error;
  }
}
