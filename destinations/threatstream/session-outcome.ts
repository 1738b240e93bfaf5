import type { Confirmation, RejectedItem, Rendered, Shipment } from '../destination.ts';
import { type Adopted, type Adopting, adopt, afterReview, ownCopies } from './adoption.ts';
import { matchByValue } from './match-by-value.ts';
import type { OwnerOf } from './ownership.ts';
import { routeOf } from './render.ts';
import type { ImportSession, SessionEntry } from './reply-schemas.ts';
import { waitsForReview } from './review.ts';
import type { SessionBoard } from './session-board.ts';
import { sessionList } from './session-lookup.ts';
import { comparable } from './text-value.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

const READY = 'ready for review';
const ACTIVE = 'active';
const NOTHING_NEW = 'nothing new';
const NOT_THERE = `${API} discarded it as one that it has, and does not show it`;
const NAMED = 'the import session ended in errors, and names it';
const BY_AN_ANALYST = `was rejected in ${API}'s import review, by an analyst or a rule`;

export interface Settling {
  readonly client: ThreatStreamClient;
  readonly board: SessionBoard;
  readonly settings: ResolvedSettings;
  readonly ownerOf: OwnerOf;
  readonly shipment: Shipment;
  readonly signal: AbortSignal;
  readonly since: Date;
  /** As its receipt has it. */
  readonly sessionId: string | null;
  /** The session has had its time. */
  readonly sessionIsOverdue: boolean;
  /** It has had so much more of it that it will hardly end: what it does not show may be brought once more. */
  readonly isDead: boolean;
  /** And so has what an ended session brought, to show. */
  readonly searchIsOverdue: boolean;
  /** A person has decided since: what is left out now had been included before. */
  readonly isReviewed: boolean;
}

type Settled = Extract<Confirmation, { kind: 'settled' }>;

/**
 * What became of each item of an import; null when that cannot be told yet. A status that is not known is one more that is not the end.
 * What cannot be told within the time that it has is unknown, and never accepted or rejected by guess.
 */
export async function settled(session: ImportSession | null, settling: Settling): Promise<Settled | null> {
  const { shipment, sessionIsOverdue, searchIsOverdue, isDead } = settling;
  if (session === null) {
    return searchIsOverdue
      ? bySearch(settling, settling.sessionId, `${API} no longer has its import session`, true)
      : null;
  }
  switch (session.status) {
    case 'done':
    case 'approved':
      return byLists(session, settling);
    case 'errors':
      // One that has, or may have, taken some in nevertheless tells no more than any other which.
      if (session.imported !== 0) return byLists(session, settling);
      return allRejected(shipment, `the import session ended in errors${quoted(session)}`);
    case 'deleted':
      return byReview(session, settling);
    default: {
      if (!sessionIsOverdue) return null;
      const isGone = isDead && session.status === 'processing';
      return bySearch(settling, session.id, `its import session is still ${saidStatus(session)} in ${API}`, isGone);
    }
  }
}

/** The session's own lists tell it item by item; what is in neither, its counts and a search. */
async function byLists(session: ImportSession, settling: Settling): Promise<Settled | null> {
  const { client, shipment, signal, searchIsOverdue } = settling;
  const id = session.id ?? '';
  const included = await sessionList(client, id, 'intelligence', signal);
  if (included === null) return byCounts(session, settling);
  const shown = included.entries.filter(isIncluded);
  const entries = matchByValue(shipment.items, shown);
  const given = shipment.items.flatMap((item) => {
    const remoteId = entries.get(item)?.id ?? null;
    return remoteId === null ? [] : [{ id: item.id, remoteId }];
  });
  const taken = new Set(given.map((one) => one.id));
  const others = shipment.items.filter((item) => !taken.has(item.id));
  const end = endOf(session, settling);
  if (others.length === 0) return { ...NOTHING, ...end, accepted: [...taken], given };
  // What is listed as far as the session goes is all that there is to tell, whatever else it has found in a text.
  const isTold = included.isWhole && session.imported !== null && session.imported <= shown.length;
  if (!isTold && !searchIsOverdue) return null;
  const rejects = await sessionList(client, id, 'rejects', signal);
  const excluded = included.entries.filter((entry) => !isIncluded(entry));
  const reasons = matchByValue(others, [...(rejects?.entries ?? []), ...excluded]);
  const takenOut = matchByValue(others, excluded);
  const adopted = await adopt(others, adopting(settling, session.id));
  const named = namedBy(session, adopted.absent);
  const left = adopted.absent.map((item) => ({ item, entry: reasons.get(item) }));
  // What is said to be there already may be on its way in with another session.
  const elsewhere = left.filter(({ entry }) => isDuplicate(entry));
  if (adopted.unsettled.length + elsewhere.length > 0 && !searchIsOverdue) return null;
  const isKnown = (one: (typeof left)[number]): boolean =>
    !elsewhere.includes(one) && (one.entry !== undefined || isTold || named.has(one.item));
  const unknown = left
    .filter((one) => !isKnown(one) && !elsewhere.includes(one))
    .map(({ item }) => ({ id: item.id, reason: untold(session, shipment) }));
  return {
    ...NOTHING,
    ...(taken.size === 0 && hasNothingNew(session, adopted) ? { note: NOTHING_NEW } : end),
    accepted: [...taken, ...adopted.accepted.map((one) => one.id)],
    rejected: left
      .filter(isKnown)
      .map(({ item, entry }) => rejectedOf(item, entry, session, settling, takenOut.has(item))),
    unknown: [
      ...elsewhere.map(({ item }) => ({ id: item.id, reason: NOT_THERE, isAbsent: true as const })),
      ...unknown,
      ...adopted.unsettled,
      ...afterReview(adopted.early),
    ],
    given: [...given, ...adopted.accepted],
  };
}

/**
 * Without the lists, the session knows how many; when that is not all of them, or may be of others, a search by value tells which. A URL
 * in the text of an import may also yield its host, and whether that counts is UNCONFIRMED, as it is whether a search shows what waits
 * for a review.
 */
async function byCounts(session: ImportSession, settling: Settling): Promise<Settled | null> {
  const { settings, shipment, searchIsOverdue, isReviewed } = settling;
  const { imported, refused } = session;
  const all = shipment.items.map(({ id }) => id);
  const isAll = imported === all.length && (refused ?? 0) === 0;
  const isOfItems = !shipment.items.some(({ value }) => value.includes('://') && routeOf(value, settings) === 'text');
  if (isAll && isOfItems) return { ...NOTHING, ...endOf(session, settling), accepted: all };
  const adopted = await adopt(shipment.items, adopting(settling, session.id));
  const end = hasNothingNew(session, adopted) ? { note: NOTHING_NEW } : endOf(session, settling);
  const { accepted: given, absent, unsettled } = adopted;
  const accepted = given.map(({ id }) => id);
  const early = afterReview(adopted.early);
  if (absent.length + unsettled.length === 0) return { ...NOTHING, ...end, accepted, given, unknown: early };
  const isTold = imported !== null && unsettled.length === 0 && given.length >= imported;
  // What was refused may be there already, and the search behind; what waited for a review was taken in, and shown.
  const mayShow = !isTold || (!isReviewed && (refused ?? 0) > 0);
  if (mayShow && !searchIsOverdue) return null;
  if (isAll && given.length + unsettled.length + early.length === 0) return { ...NOTHING, ...end, accepted: all };
  const named = namedBy(session, absent);
  const isKnown = (item: Rendered): boolean => isTold || named.has(item);
  const known = absent.filter(isKnown).map((item) => rejectedOf(item, undefined, session, settling));
  const left = absent.filter((item) => !isKnown(item)).map(({ id }) => ({ id, reason: untold(session, shipment) }));
  return { ...NOTHING, ...end, accepted, given, rejected: known, unknown: [...left, ...unsettled, ...early] };
}

/** An analyst has rejected the session as a whole: what it discarded as a duplicate is held nevertheless, and changed. */
async function byReview(session: ImportSession, settling: Settling): Promise<Settled | null> {
  const { client, ownerOf, shipment, signal, searchIsOverdue } = settling;
  const included = await sessionList(client, session.id ?? '', 'intelligence', signal);
  const gone = matchByValue(shipment.items, included?.entries.filter(isIncluded) ?? []);
  const others = shipment.items.filter((item) => !gone.has(item));
  const copies = await ownCopies(others, { client, ownerOf, signal });
  const held = [...copies].filter(([, copy]) => copy.status === 'active' || copy.sessionId !== session.id);
  const { accepted, unsettled, early } = await adopt(
    held.map(([item]) => item),
    adopting(settling, session.id),
  );
  if (unsettled.length > 0 && !searchIsOverdue) return null;
  const isHeld = new Set([...accepted, ...unsettled, ...early].map(({ id }) => id));
  const rejected = shipment.items
    .filter(({ id }) => !isHeld.has(id))
    .map(({ id }) => ({ id, reason: BY_AN_ANALYST, byReviewer: true as const }));
  return {
    ...NOTHING,
    accepted: accepted.map(({ id }) => id),
    given: accepted,
    rejected,
    unknown: [...unsettled, ...afterReview(early)],
    note: BY_AN_ANALYST,
  };
}

/** The session tells nothing: what a search shows is there, and of the others nobody knows. */
async function bySearch(
  settling: Settling,
  sessionId: string | null,
  reason: string,
  isGone: boolean,
): Promise<Settled> {
  const { accepted, absent, unsettled, early } = await adopt(settling.shipment.items, adopting(settling, sessionId));
  const left = absent.map(({ id }) => (isGone ? { id, reason, isAbsent: true as const } : { id, reason }));
  return {
    ...NOTHING,
    accepted: accepted.map(({ id }) => id),
    given: accepted,
    unknown: [...left, ...unsettled, ...afterReview(early)],
    note: reason,
  };
}

/** Whoever approves a session has seen what it leaves out, and could have included it. */
function rejectedOf(
  item: Rendered,
  entry: SessionEntry | undefined,
  session: ImportSession,
  settling: Settling,
  isTakenOut = false,
): RejectedItem {
  const rejected = { id: item.id, reason: reasonOf(item, entry, session, settling) };
  const isApproved = settling.settings.approval === 'required' && session.status === 'approved';
  return isTakenOut || settling.isReviewed || isApproved ? { ...rejected, byReviewer: true } : rejected;
}

/** One that is not active waits for a person as long as the session that brought it does. */
function adopting(settling: Settling, sessionId: string | null): Adopting {
  const { client, board, settings, ownerOf, signal, since, searchIsOverdue } = settling;
  const waits = waitsForReview(board, since, signal);
  return { client, settings, ownerOf, signal, waits, sessionId, isOverdue: searchIsOverdue };
}

function endOf({ status }: ImportSession, { settings }: Settling): Pick<Settled, 'note' | 'awaitsReview'> {
  if (status === 'approved') return { note: ACTIVE };
  return settings.approval === 'required' ? { note: READY, awaitsReview: true } : { note: READY };
}

/** Of a session that has brought nothing there is nothing to decide about: what is there was active before. */
function hasNothingNew({ imported }: ImportSession, { accepted, early, unsettled }: Adopted): boolean {
  return imported === 0 && early.length + unsettled.length === 0 && !accepted.some(({ isInactive }) => isInactive);
}

const NOTHING: Settled = { kind: 'settled', accepted: [], rejected: [], unknown: [], note: '' };

/** The words are published nowhere: one that is not known for it is taken for another reason. */
function isDuplicate(entry: SessionEntry | undefined): boolean {
  return /duplicat|already|exist/i.test(entry?.message ?? '');
}

function isIncluded({ id, rejectedId }: SessionEntry): boolean {
  return id !== null && rejectedId === null;
}

/** Items whose values are words of what a session says that has ended in errors. */
function namedBy({ status, messages }: ImportSession, items: readonly Rendered[]): ReadonlySet<Rendered> {
  if (status !== 'errors') return new Set();
  const words = textOf(messages).split(/[\s,;"'<>()[\]{}\\]+/);
  const values = new Set(words.map((word) => comparable(word.replace(/(?<![.:!])[.:!]+$/, ''))));
  return new Set(items.filter(({ value }) => values.has(comparable(value))));
}

function reasonOf(
  item: Rendered,
  entry: SessionEntry | undefined,
  session: ImportSession,
  { isReviewed }: Pick<Settling, 'isReviewed'>,
): string {
  const said =
    [entry?.message ?? '', (session.refused ?? 0) > 0 ? textOf(session.messages) : ''].find(
      (text) => text.trim() !== '',
    ) ?? '';
  const words = excerptOf(said.replaceAll(item.value, '…'));
  if (entry === undefined && namedBy(session, [item]).has(item)) return NAMED;
  if (isReviewed) return `${BY_AN_ANALYST}${words}`;
  if (entry !== undefined || (session.refused ?? 0) > 0) return `${API} rejected it in the import session${words}`;
  return `${API} left it out of the import session`;
}

function untold({ imported, refused }: ImportSession, { items }: Shipment): string {
  return imported === null
    ? `${API} does not say in a readable numIndicators how many its import session took, and does not show it`
    : `${API} took ${imported} observables for ${items.length} indicators and rejected ${refused ?? 'an unknown number'}, and does not show which`;
}

function allRejected({ items }: Shipment, reason: string): Settled {
  return { ...NOTHING, rejected: items.map(({ id }) => ({ id, reason })), note: reason };
}

/** What the session says for a person to read, in a form fit for the quarantine. */
function quoted({ messages }: ImportSession): string {
  return excerptOf(textOf(messages));
}

function excerptOf(text: string): string {
  const clean = text.replace(/\s+/g, ' ').trim();
  return clean === '' || clean === '""' || clean === '[]' ? '' : `: ${clean.slice(0, 200)}`;
}

function textOf(messages: unknown): string {
  return typeof messages === 'string' ? messages : JSON.stringify(messages ?? '');
}

/** A word, as statuses are; anything else is not repeated. */
function saidStatus({ status }: ImportSession): string {
  if (status === '') return 'without a readable status';
  return /^[a-z][a-z _-]{0,30}$/.test(status) ? `"${status}"` : 'in an unknown status';
}
