import { Fault } from '../../indicators/fault.ts';
import type { Confirmation, Receipt, Rendered, Unknown } from '../destination.ts';
import {
  type Adopting,
  adopt,
  afterReview,
  formsBefore,
  isInactive,
  OTHERWISE,
  ownAmong,
  ownCopies,
} from './adoption.ts';
import { NOT_EDITABLE } from './amend.ts';
import { type Amendment, fromCopy, isNothing, isOnlyTheEnd, isTolerable } from './amendment.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Departure } from './kept-changes.ts';
import { observableForm } from './observable-form.ts';
import type { Intelligence } from './reply-schemas.ts';
import { waitsForReview } from './review.ts';
import type { SessionBoard } from './session-board.ts';
import { API } from './threatstream-client.ts';

const DECLINED = `${API} declined its change`;
const FORGOTTEN = `${API} no longer has it, which was withdrawn before: to deliver it once more brings it anew`;
const GONE = `it is no longer in ${API}: it was deleted there, by an analyst or a rule`;

/** What a change is asked for with, and when it has left. */
export interface Confirming extends Pick<Adopting, 'client' | 'settings' | 'ownerOf' | 'signal'> {
  readonly board: SessionBoard;
  readonly feed: ChangeFeed;
  readonly now: Date;
}

/**
 * What became of each change: it shows among what has changed since. What does not within half of its time is asked for again, since an
 * acknowledgement need not be ThreatStream's own.
 */
export async function changeOutcome(
  items: readonly Rendered[],
  receipt: Receipt,
  confirming: Confirming,
): Promise<Confirmation> {
  const { settings } = confirming;
  const [gone, forbidden, declined, early] = ['gone', 'forbidden', 'declined', 'early'].map((kind) =>
    listed(receipt[kind]),
  );
  const fateOf = ({ id }: Rendered): string | null => {
    if (gone?.has(id)) return GONE;
    if (forbidden?.has(id)) return NOT_EDITABLE;
    return declined?.has(id) ? String(receipt['why'] ?? DECLINED) : null;
  };
  const left = items.filter((item) => fateOf(item) === null && !early?.has(item.id));
  const lost = items.filter((item) => gone?.has(item.id) && !isActivated(item));
  const rejected = items.flatMap((item) => {
    const reason = fateOf(item);
    return reason === null || lost.includes(item) ? [] : [{ id: item.id, reason }];
  });
  const sentAt = new Date(String(receipt['sentAt']));
  const ageMs = confirming.now.getTime() - sentAt.getTime();
  const isOverdue = ageMs >= settings.confirmFor;
  const since = new Date(String(receipt['since']));
  const isReviewed = waitsForReview(confirming.board, since, confirming.signal);
  const waits: Adopting['waits'] = async (copy, item) =>
    isActivated(item) || (item.held?.awaits === true && (await isReviewed(copy)));
  const shown = await shownOf(left, { since }, isOverdue, { ...confirming, waits });
  const tooEarly = [...items.filter((item) => early?.has(item.id)), ...shown.tooEarly];
  const waiting = { kind: 'waiting', retryAfterMs: settings.confirmPoll } as const;
  if (shown.otherwise.length > 0 && ageMs < settings.confirmFor / 2) return waiting;
  const again = await adopt(shown.otherwise, { ...confirming, waits, isOverdue });
  if (!isOverdue && again.absent.length + again.unsettled.length > 0) return waiting;
  const given = [...shown.accepted, ...again.accepted];
  // To ask for a change once more does no harm.
  const absent = (all: readonly { readonly id: number }[], reason: string): Unknown[] =>
    all.map(({ id }) => ({ id, reason, isAbsent: true }));
  return {
    kind: 'settled',
    accepted: given.map(({ id }) => id),
    given: [...given, ...lost.map(({ id }) => ({ id, remoteId: null }))],
    rejected,
    unknown: [
      ...afterReview([...tooEarly, ...again.early]),
      ...again.unsettled.map(({ id, reason }) => ({ id, reason, isAbsent: true as const })),
      ...absent(again.absent, OTHERWISE),
      ...absent(lost, FORGOTTEN),
    ],
    note: 'changed',
  };
}

/** It is held; another was, or may have been, set inactive by us, and is to be active again, unless it waits for a review. */
function isActivated({ held }: Rendered): boolean {
  return (held?.form ?? null) !== null;
}

interface Shown {
  readonly accepted: readonly { readonly id: number; readonly remoteId: string }[];
  /** Only their end is not as it is to be, which has to wait. */
  readonly tooEarly: readonly Rendered[];
  readonly otherwise: readonly Rendered[];
}

async function shownOf(
  items: readonly Rendered[],
  departure: Departure,
  isOverdue: boolean,
  confirming: Confirming & Pick<Adopting, 'waits'>,
): Promise<Shown> {
  const accepted: { id: number; remoteId: string }[] = [];
  const tooEarly: Rendered[] = [];
  const otherwise: Rendered[] = [];
  const copies = await changedCopies(items, departure, confirming);
  for (const item of items) {
    const copy = copies.get(item);
    const mayWait = isInactive(copy) && copy !== undefined && (await confirming.waits(copy, item));
    const amiss = copy === undefined ? null : amissOf(item, copy, mayWait, confirming);
    if (copy !== undefined && amiss !== null && (isNothing(amiss) || (isOverdue && isTolerable(amiss)))) {
      accepted.push({ id: item.id, remoteId: copy.id });
    } else if (amiss !== null && isInactive(copy) && isOnlyTheEnd(amiss)) tooEarly.push(item);
    else otherwise.push(item);
  }
  return { accepted, tooEarly, otherwise };
}

/** As many are asked for by their values, by one question as a rule: less than reading what others have changed meanwhile. */
const FEW = 10;

/** Our copies of the items: of few as they are, of many, or where a value cannot be asked for, as they are among what has changed. */
async function changedCopies(
  items: readonly Rendered[],
  departure: Departure,
  confirming: Confirming,
): Promise<ReadonlyMap<Rendered, Intelligence>> {
  if (items.length === 0) return new Map();
  const few = items.length <= FEW ? await ownCopies(items, confirming).catch(unlessUnavailable) : null;
  if (few !== null) return few;
  const found = await confirming.feed.changesSince(departure, confirming.signal);
  return ownAmong(items, found, confirming);
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof Fault && error.kind === 'Unavailable') return null;
  throw error;
}

/** What is not so yet. What waits for a person was changed as it is, and stays inactive until then. */
function amissOf(item: Rendered, copy: Intelligence, mayWait: boolean, { settings }: Confirming): Amendment {
  const form = observableForm.safeParse(item.form).data;
  if (form === undefined) return { fields: {}, addTags: [], removeTags: [] };
  // That a marking can be taken off is UNCONFIRMED, and is not waited for.
  const before = formsBefore(item).map((one) => Object.assign({}, one, { tlp: null }));
  return fromCopy(copy, form, before, mayWait, settings);
}

function listed(ids: Receipt[string] | undefined): ReadonlySet<number> {
  return new Set(typeof ids === 'string' && ids !== '' ? ids.split(',').map(Number) : []);
}
