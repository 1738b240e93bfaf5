import type { Confirmation, Shipment } from '../destination.ts';
import { itemsShown } from './items-shown.ts';
import type { ImportSession } from './reply-schemas.ts';
import { searchByTag } from './search.ts';
import { comparable } from './text-value.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';

const READY = 'ready for review';
const ACTIVE = 'active';
const NAMED = 'the import session ended in errors, and names it';

interface Settling {
  readonly client: ThreatStreamClient;
  readonly shipment: Shipment;
  readonly signal: AbortSignal;
  /** The session has had its time. */
  readonly sessionIsOverdue: boolean;
  /** And so has the search, to show what an ended session brought. */
  readonly searchIsOverdue: boolean;
}

type Settled = Extract<Confirmation, { kind: 'settled' }>;

/**
 * What became of each item of an import; null when that cannot be told yet. A status that is not known is one more that is not the end.
 * What cannot be told within the time that it has is unknown, and never accepted or rejected by guess.
 */
export async function settled(session: ImportSession | null, settling: Settling): Promise<Settled | null> {
  const { shipment, sessionIsOverdue, searchIsOverdue } = settling;
  if (session === null)
    return bySearch(settling, { reason: `${API} no longer has its import session`, isGone: true }, searchIsOverdue);
  switch (session.status) {
    case 'done':
    case 'approved':
      return byCounts(session, settling);
    case 'errors':
      // One that has, or may have, taken some in nevertheless tells no more than any other which.
      if (session.imported !== 0) return byCounts(session, settling);
      return allRejected(shipment, `the import session ended in errors${quoted(session)}`);
    case 'deleted':
      return allRejected(shipment, 'the import session was rejected in review');
    default:
      if (!sessionIsOverdue) return null;
      return bySearch(
        settling,
        { reason: `its import session is still ${saidStatus(session)} in ${API}`, isGone: false },
        true,
      );
  }
}

/**
 * The session knows how many; when that is not all of them, or may be of others, a search tells which. A URL in the text of an import
 * may also yield its host, and whether that counts is UNCONFIRMED: where there are URLs, the number is believed only of a session of
 * which the search shows nothing, since it may not show what waits for a review (UNCONFIRMED, too).
 */
async function byCounts(session: ImportSession, settling: Settling): Promise<Settled | null> {
  const { client, shipment, signal, searchIsOverdue } = settling;
  const note = session.status === 'approved' ? ACTIVE : READY;
  const { imported, refused } = session;
  const all = shipment.items.map(({ id }) => id);
  const isOfItems = !shipment.items.some(({ value }) => value.includes('://'));
  const isAll = imported === all.length && (refused ?? 0) === 0;
  if (isOfItems && isAll) return { ...NOTHING, accepted: all, note };

  // Also of a session that took nothing: what it brought may have come before, in a request that was taken for lost.
  const { found } = await searchByTag(client, shipment.marker, signal);
  const { shown, others } = itemsShown(shipment, found);
  if (others.length === 0) return { ...NOTHING, accepted: shown, note };
  // Until the search has had its time, what may not have been counted does not make up for what was.
  const counted = searchIsOverdue ? found.length : shown.length;
  if (imported === null || counted < imported) {
    // The search is behind, or does not show what waits for a review: which ones are missing cannot be told yet.
    if (!searchIsOverdue) return null;
    if (isAll && found.length === 0) return { ...NOTHING, accepted: all, note };
    const reason =
      imported === null
        ? `${API} does not say in a readable numIndicators how many its import session took, and its search does not show it`
        : `${API} took ${imported} observables for ${all.length} indicators and rejected ${refused ?? 'an unknown number'}, and its search does not show which`;
    const named = session.status === 'errors' ? namedBy(session, shipment) : [];
    return {
      ...NOTHING,
      accepted: shown,
      rejected: others.filter((id) => named.includes(id)).map((id) => ({ id, reason: NAMED })),
      unknown: others.filter((id) => !named.includes(id)).map((id) => ({ id, reason })),
      note,
    };
  }
  const reason =
    (refused ?? 0) > 0
      ? `${API} rejected it in the import session${quoted(session)}`
      : `${API} left it out of the import session`;
  return { ...NOTHING, accepted: shown, rejected: others.map((id) => ({ id, reason })), note };
}

/** The session tells nothing: what a search shows is there, and of the others nobody knows. */
async function bySearch(
  { client, shipment, signal }: Settling,
  { reason, isGone }: { readonly reason: string; readonly isGone: boolean },
  isOverdue: boolean,
): Promise<Settled | null> {
  const { found } = await searchByTag(client, shipment.marker, signal);
  const { shown, others } = itemsShown(shipment, found);
  if (others.length > 0 && !isOverdue) return null;
  const unknown = others.map((id) => (isGone ? { id, reason, isAbsent: true as const } : { id, reason }));
  return { ...NOTHING, accepted: shown, unknown, note: reason };
}

const NOTHING: Settled = { kind: 'settled', accepted: [], rejected: [], unknown: [], note: '' };

function allRejected({ items }: Shipment, reason: string): Settled {
  return { ...NOTHING, rejected: items.map(({ id }) => ({ id, reason })), note: reason };
}

/** Items whose values are words of what the session says. */
function namedBy({ messages }: ImportSession, { items }: Shipment): readonly number[] {
  const words = textOf(messages).split(/[\s,;"'<>()[\]{}\\]+/);
  const values = new Set(words.map((word) => comparable(word.replace(/(?<![.:!])[.:!]+$/, ''))));
  return items.filter(({ value }) => values.has(comparable(value))).map(({ id }) => id);
}

/** What the session says for a person to read, in a form fit for the quarantine. */
function quoted({ messages }: ImportSession): string {
  const clean = textOf(messages).replace(/\s+/g, ' ').trim();
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
