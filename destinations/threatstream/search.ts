import { Fault } from '../../indicators/fault.ts';
import { OUR_TAG } from '../threatstream-csv/tags.ts';
import { nextQuery } from './next-page.ts';
import { type Intelligence, intelligencePage, type Page } from './reply-schemas.ts';
import { API, readReply, type ThreatStreamClient } from './threatstream-client.ts';

/** The most that one page holds. (Source: CrowdStrike's OpenAPI of ThreatStream's search.) */
const PAGE = 1_000;
const PATH = '/api/v2/intelligence/';
const NEEDS = 'read intelligence';
/** A search that goes on after this many pages is not one of ours. */
const MOST_PAGES = 50;
/** Ten million copies: a list of all that is ours ends before. */
const MOST_PAGES_OF_ALL = 10_000;
/** Values of one question, as another client has them. (Source: Polarity's ThreatStream integration.) */
const VALUES_A_QUESTION = 10;
/**
 * Asked for one by one: the default is `active` alone, and what waits for a review is `inactive`. In this order, since what is
 * approved between the two questions would otherwise be in neither answer.
 */
const STATUSES = ['inactive', 'active'] as const;
/** As one question; the list is in use. (Source: XSOAR's ThreatStream integration.) */
const ANY_STATUS = 'active,inactive';
/** With what someone has reported as a false positive. */
const EVERY_STATUS = 'active,inactive,falsepos';

/** An address that is nobody's (RFC 5737), to search for when it is in question whether searches are answered at all. */
const NOBODYS = { value: '192.0.2.1', status: 'active', limit: '1' };

type Query = Readonly<Record<string, string>>;

/** All that a search shows, to its last page. */
export interface SearchResult {
  readonly found: readonly Intelligence[];
  /** Objects that it shows besides, in a form that could not be read. */
  readonly unreadable: number;
}

/** Copies of one value, of every organisation that lets us see them. `Rejected` when a search is declined for this value alone. */
export async function searchByValue(
  client: ThreatStreamClient,
  value: string,
  signal: AbortSignal,
  fault: 'Rejected' | 'Unavailable' = 'Rejected',
): Promise<Readonly<Record<(typeof STATUSES)[number], SearchResult>>> {
  const inactive = await searchFor(client, { value, status: 'inactive' }, fault, signal);
  return { inactive, active: await searchFor(client, { value, status: 'active' }, fault, signal) };
}

/**
 * Copies of several values: ten values a question, where the search understands that, and one by one where it does not, or a value cannot
 * stand in such a question.
 */
export async function searchByValues(
  client: ThreatStreamClient,
  values: readonly string[],
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  const found: Intelligence[] = [];
  const isQuotable = (value: string): boolean => !/["\\]/.test(value);
  const single = values.filter((value) => !isQuotable(value));
  const several = values.filter(isQuotable);
  for (let at = 0; at < several.length; at += VALUES_A_QUESTION) {
    const said = several.slice(at, at + VALUES_A_QUESTION).map((value) => `value="${value}"`);
    const q = `(${said.join(' OR ')}) AND (status=active OR status=inactive)`;
    const some = await searchIfUnderstood(client, { q, limit: String(PAGE) }, signal);
    if (some === null) {
      single.push(...several.slice(at));
      break;
    }
    found.push(...some);
  }
  for (const value of single) {
    const { inactive, active } = await searchByValue(client, value, signal, 'Unavailable');
    found.push(...inactive.found, ...active.found);
  }
  return found;
}

/** From where changes are read: from the one after a number, where it is known and understood, else from an instant of ThreatStream's clock. */
export interface ChangesFrom {
  readonly since: Date;
  readonly after: string | null;
}

export interface ChangePage {
  readonly found: readonly Intelligence[];
  /** The number of the last change; null where not all show one. */
  readonly last: string | null;
}

/**
 * What carries our tag and has changed, in the order of changes. Ends before the last page when there is more than is worth reading
 * through at once.
 */
export async function* changes(
  client: ThreatStreamClient,
  { since, after }: ChangesFrom,
  signal: AbortSignal,
): AsyncGenerator<ChangePage> {
  // A filter by time does not go with pages by number. (Source: CrowdStrike's client.)
  const from = { filter: { ...OURS, status: ANY_STATUS }, sinceTime: { modified_ts__gte: since.toISOString() }, after };
  let asked = 0;
  for await (const page of inOrder(client, from, signal)) {
    yield page;
    asked += 1;
    if (asked === MOST_PAGES) return;
  }
}

/** What a question finds that is put in the order of changes, from behind a number or from the beginning on; `last` as of `changes`. */
export function inOrderOfChanges(
  client: ThreatStreamClient,
  filter: Query,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<ChangePage & Pick<SearchResult, 'unreadable'>> {
  return inOrder(
    client,
    { filter: { ...filter, limit: String(PAGE), order_by: 'update_id' }, sinceTime: {}, after },
    signal,
  );
}

/** All that carries our tag, of every organisation and status, to its last page: what changes meanwhile comes again. */
export async function* tagged(
  client: ThreatStreamClient,
  signal: AbortSignal,
): AsyncGenerator<Pick<SearchResult, 'found' | 'unreadable'>> {
  const from = { filter: { ...OURS, status: EVERY_STATUS }, sinceTime: {}, after: null };
  const asked = new Set<string>();
  for await (const page of inOrder(client, from, signal)) {
    const question = new URLSearchParams(page.query).toString();
    if (asked.has(question)) {
      throw new Fault('Unavailable', `${API} leads from one page of a search to the same again.`);
    }
    if (asked.size === MOST_PAGES_OF_ALL) throw wentOn(MOST_PAGES_OF_ALL);
    asked.add(question);
    yield page;
  }
}

const OURS = { 'tags.name': OUR_TAG, limit: String(PAGE), order_by: 'update_id' };

interface OrderedFrom {
  readonly filter: Query;
  /** Besides, as long as no number is known. */
  readonly sinceTime: Query;
  /** The number of a change. */
  readonly after: string | null;
}

/**
 * Forward by `update_id`, a thousand a page; by what an answer says of the next one where the number is not shown, or declined, as some
 * accounts do.
 */
async function* inOrder(
  client: ThreatStreamClient,
  { filter, sinceTime, after }: OrderedFrom,
  signal: AbortSignal,
): AsyncGenerator<ChangePage & { readonly unreadable: number; readonly query: Query }> {
  const pastNumber = (number: string | null): Query | null =>
    number === null ? null : { ...filter, update_id__gt: number };
  let otherwise: Query = { ...filter, ...sinceTime };
  let wanted = pastNumber(after);
  for (;;) {
    const { query, page } = await pageOfChanges(client, wanted, otherwise, signal);
    const next = nextQuery(query, page, PAGE);
    const numbers = page.objects.map(({ updateId }) => updateId);
    const last = numbers.includes(null) ? null : (numbers.at(-1) ?? null);
    yield { found: page.objects, unreadable: page.unreadable, last, query };
    if (next === null) return;
    wanted = pastNumber(last);
    otherwise = next;
  }
}

async function pageOfChanges(
  client: ThreatStreamClient,
  wanted: Query | null,
  otherwise: Query,
  signal: AbortSignal,
): Promise<{ readonly query: Query; readonly page: Page<Intelligence> }> {
  const call = { method: 'GET', path: PATH, needs: NEEDS } as const;
  if (wanted !== null) {
    const reply = await client.send({ ...call, query: wanted }, signal);
    const page = reply.status < 400 ? readReply(reply, intelligencePage) : null;
    if (page !== null && isPast(wanted['update_id__gt'], page)) return { query: wanted, page };
  }
  return { query: otherwise, page: await client.read({ ...call, query: otherwise }, intelligencePage, signal) };
}

/** A filter that is not known may be left out of account: then all shows that there ever was. */
function isPast(number: string | undefined, { objects: [first] }: Page<Intelligence>): boolean {
  const [after, shown] = [number, first?.updateId].map((one) => (/^\d+$/.test(one ?? '') ? BigInt(one ?? '') : null));
  return typeof after !== 'bigint' || typeof shown !== 'bigint' || shown >= after;
}

async function searchFor(
  client: ThreatStreamClient,
  filter: Query,
  fault: 'Rejected' | 'Unavailable',
  signal: AbortSignal,
): Promise<SearchResult> {
  const found: Intelligence[] = [];
  let unreadable = 0;
  const unlike = { path: PATH, query: NOBODYS, fault };
  let query: Query = { ...filter, limit: String(PAGE), order_by: 'update_id' };
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const page = await client.read(
      { method: 'GET', path: PATH, query, needs: NEEDS, unlike },
      intelligencePage,
      signal,
    );
    found.push(...page.objects);
    unreadable += page.unreadable;
    const next = nextQuery(query, page, PAGE);
    if (next === null) return { found, unreadable };
    query = next;
  }
  throw wentOn();
}

/** Null when the search declines the question as a whole. */
async function searchIfUnderstood(
  client: ThreatStreamClient,
  first: Query,
  signal: AbortSignal,
): Promise<readonly Intelligence[] | null> {
  const found: Intelligence[] = [];
  let query = first;
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const reply = await client.send({ method: 'GET', path: PATH, query, needs: NEEDS }, signal);
    if (reply.status >= 400) return null;
    const page = readReply(reply, intelligencePage);
    found.push(...page.objects);
    const next = nextQuery(query, page, PAGE);
    if (next === null) return found;
    query = next;
  }
  throw wentOn();
}

function wentOn(pages = MOST_PAGES): Fault {
  return new Fault('Unavailable', `${API} went on paging after ${pages} pages of a search.`);
}
