import { randomUUID } from 'node:crypto';
import { Refused } from '../refused.ts';
import { BROKEN, processingError } from './answers.ts';

/** One entry of a list: what is shown, and since when it is there. */
interface Listed {
  readonly shown: unknown;
  readonly dateAdded: string;
}

interface Rest {
  readonly left: Listed[];
  readonly query: string;
  readonly since: number;
}

interface Page {
  readonly entries: readonly Listed[];
  readonly next: string | null;
}

const REMEMBERED_MS = 30_000;
const MISUNDERSTOOD = 'The server did not understand the request or filter parameters';

/**
 * What is left of lists, by token. One token is good for all pages, each taken from what is left: to ask for a page again is to be given
 * the one after it. It is forgotten half a minute after the first page. (Source: medallion, `set_next`, `get_next`, `session_timeout`.)
 */
export class Pages {
  readonly #rests = new Map<string, Rest>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  first(entries: readonly Listed[], limit: number, query: URLSearchParams): Page {
    const now = this.#now().getTime();
    for (const [token, { since }] of this.#rests) if (now - since > REMEMBERED_MS) this.#rests.delete(token);
    if (entries.length <= limit) return { entries, next: null };
    const token = randomUUID();
    this.#rests.set(token, { left: entries.slice(limit), query: comparable(query), since: now });
    return { entries: entries.slice(0, limit), next: token };
  }

  following(token: string, limit: number, query: URLSearchParams): Page {
    const rest = this.#rests.get(token);
    if (rest === undefined || this.#now().getTime() - rest.since > REMEMBERED_MS)
      throw new Refused(processingError(400, `${MISUNDERSTOOD}: 'next' not valid`));
    // (Source: medallion, `get_next`: it takes `limit` out of the query, and stumbles when it is not there.)
    if (!query.has('limit')) throw new Refused(BROKEN);
    if (rest.query !== comparable(query))
      throw new Refused(processingError(400, `${MISUNDERSTOOD}: params changed over subsequent transaction`));
    const entries = rest.left.splice(0, limit);
    if (rest.left.length > 0) return { entries, next: token };
    this.#rests.delete(token);
    return { entries, next: null };
  }
}

export function limitOf(query: URLSearchParams, most: number): number {
  const limit = query.get('limit') ?? String(most);
  if (!/^\s*[+-]?\d+\s*$/.test(limit)) throw new Refused(processingError(400, MISUNDERSTOOD));
  if (Number(limit) <= 0) throw new Refused(processingError(400, 'The limit parameter cannot be negative or zero'));
  return Math.min(Number(limit), most);
}

function comparable(query: URLSearchParams): string {
  const names = [...new Set(query.keys())].filter((name) => name !== 'limit' && name !== 'next').sort();
  return JSON.stringify(names.map((name) => [name, (query.get(name) ?? '').split(',').sort()]));
}
