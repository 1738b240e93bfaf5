import { type Entry, type Holdings, isHeld } from './holdings.ts';
import { foreignCopy, intelligenceObject, statusOf } from './intelligence-object.ts';
import type { Kind } from './kinds.ts';
import { Declined } from './request-values.ts';
import type { Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

const LIMIT = { default: 20, most: 1_000 };
/** A tag of more entries than this is looked for by going through all in order, page by page, and not by its index. */
const MOST_BY_TAG = 20_000;
const TYPES: Readonly<Record<string, readonly Kind[]>> = {
  ip: ['ip', 'ipv6'],
  ipv6: ['ipv6'],
  domain: ['domain'],
  url: ['url'],
  email: ['email'],
  hash: ['md5'],
  md5: ['md5'],
};

/** `GET /api/v2/intelligence/`: one page, in the order of updates. Throws `Declined`. */
export function search(
  query: URLSearchParams,
  holdings: Holdings,
  sessions: Sessions,
  { foreignCopies, searchHides }: Pick<ThreatStreamFaults, 'foreignCopies' | 'searchHides'>,
): Readonly<Record<string, unknown>> {
  if ((query.get('order_by') ?? 'update_id') !== 'update_id') throw new Declined(400, 'order_by must be update_id.');
  const limit = Math.min(whole(query, 'limit', LIMIT.default), LIMIT.most);
  const offset = whole(query, 'offset', 0);
  const matches = filterOf(query);
  const found: Entry[] = [];
  let more = false;
  for (const entry of candidates(query, holdings, sessions)) {
    if (!matches(entry) || searchHides.includes(statusOf(entry))) continue;
    if (found.length === offset + limit) {
      more = true;
      break;
    }
    found.push(entry);
  }
  const objects = found
    .slice(offset)
    .flatMap((entry) => (entry.shelf === null ? [] : intelligenceObject(entry, entry.shelf.profile)));
  const foreign = offset === 0 ? foreignOf(query, holdings, foreignCopies) : [];
  const total = more ? Math.max(holdings.counts().holds, found.length + 1) : found.length + foreign.length;
  return {
    meta: {
      total_count: total,
      approximate_count: more,
      took: 1,
      next: more ? nextPage(query, limit, offset + limit) : null,
      limit,
      offset,
    },
    objects: [...foreign, ...objects],
  };
}

function candidates(query: URLSearchParams, holdings: Holdings, sessions: Sessions): Iterable<Entry> {
  const value = query.get('value');
  if (value !== null) return only(holdings.byValue(value));
  const session = query.get('import_session_id');
  if (session !== null) {
    const known = sessions.get(session);
    return known === undefined ? [] : sessions.ownEntries(known);
  }
  const tag = query.get('tags.name');
  if (tag !== null && holdings.countTagged(tag) <= MOST_BY_TAG) return holdings.byTag(tag);
  return holdings.after(whole(query, 'update_id__gt', 0));
}

function only(entry: Entry | undefined): Entry[] {
  return entry === undefined ? [] : [entry];
}

function filterOf(query: URLSearchParams): (entry: Entry) => boolean {
  const statuses = new Set((query.get('status') ?? 'active').split(','));
  const type = query.get('type');
  const kinds = type === null ? null : (TYPES[type] ?? []);
  const after = whole(query, 'update_id__gt', 0);
  const [itype, tag, part, owner] = ['itype', 'tags.name', 'value__contains', 'import_session_id'].map((name) =>
    query.get(name),
  );
  return (entry) => {
    const profile = entry.shelf?.profile;
    return (
      profile !== undefined &&
      entry.updateId > after &&
      statuses.has(statusOf(entry)) &&
      (kinds === null || kinds.includes(entry.kind)) &&
      (itype === null || profile.itype === itype) &&
      (tag === null || profile.tags.some(({ name }) => name === tag)) &&
      (part === null || part === undefined || entry.value.includes(part)) &&
      (owner === null || profile.sessionId === owner)
    );
  };
}

/** Other organisations' copies show only to those who look for the value, and only as active ones. */
function foreignOf(query: URLSearchParams, holdings: Holdings, share: number): Readonly<Record<string, unknown>>[] {
  const value = query.get('value');
  const entry = value === null ? undefined : holdings.byValue(value);
  const plain = ['tags.name', 'import_session_id', 'itype', 'update_id__gt'].every((name) => !query.has(name));
  if (entry === undefined || !plain || !(query.get('status') ?? 'active').split(',').includes('active')) return [];
  return isHeld(entry) && isInShare('foreign', entry.value, share)
    ? [foreignCopy(entry.id, entry.kind, entry.value)]
    : [];
}

/** Relative, as the real one seems to have it. */
function nextPage(query: URLSearchParams, limit: number, offset: number): string {
  const next = new URLSearchParams(query);
  next.set('limit', String(limit));
  next.set('offset', String(offset));
  return `/api/v2/intelligence/?${next.toString()}`;
}

function whole(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name);
  if (text === null) return absent;
  if (!/^\d{1,15}$/.test(text)) throw new Declined(400, `${name} must be a whole number.`);
  return Number(text);
}
