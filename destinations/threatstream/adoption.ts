import type { Rendered, Unknown } from '../destination.ts';
import { type Amended, amend, NOT_EDITABLE, requireEditing } from './amend.ts';
import { fromCopy, isNothing, isOnlyTheEnd, isTolerable } from './amendment.ts';
import { matchByValue } from './match-by-value.ts';
import { type ObservableForm, observableForm } from './observable-form.ts';
import { type OwnerOf, organizationOf } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';
import { searchByValues } from './search.ts';
import { textValue } from './text-value.ts';
import { API, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

export interface Adopting {
  readonly client: ThreatStreamClient;
  readonly settings: ResolvedSettings;
  readonly ownerOf: OwnerOf;
  readonly signal: AbortSignal;
  /** Whether a copy that is not active waits for a person, and is not to be set active by us. */
  readonly waits: (copy: Intelligence, item: Rendered) => Promise<boolean>;
  /** The import session that is asked about: what it brought is as it was brought. */
  readonly sessionId?: string | null;
  /** What has been changed has had its time to show. */
  readonly isOverdue: boolean;
}

export interface AdoptedItem {
  readonly id: number;
  readonly remoteId: string;
  /** Its copy is not active. */
  readonly isInactive: boolean;
}

export interface Adopted {
  readonly accepted: readonly AdoptedItem[];
  /** Our organisation has no copy of them. */
  readonly absent: readonly Rendered[];
  /** They wait for a review, and are to end at another time: see `afterReview`. */
  readonly early: readonly Rendered[];
  /** They were changed, or could not be, and do not show as they should so far. */
  readonly unsettled: readonly { readonly id: number; readonly reason: string }[];
}

const AFTER_REVIEW = `it waits for a review in ${API}, which lets only what is active end at another time: it is changed once that is over`;
export const OTHERWISE = `${API} acknowledged its change, and does not show it so`;

/**
 * What our organisation holds already is discarded when it is brought again (source: ThreatStream's API reference): it is found by its
 * value, and changed by its id until it shows what was brought.
 */
export async function adopt(items: readonly Rendered[], adopting: Adopting): Promise<Adopted> {
  // Nothing of it may stay that nobody has asked to be changed.
  const first = await look(items, { ...adopting, isOverdue: false });
  if (first.otherwise.length === 0) return { ...first, early: [], unsettled: [] };
  const outcomes = await amend(adopting.client, first.otherwise, adopting.settings, adopting.signal);
  const forbidden = first.otherwise.filter((one) => outcomes.get(one)?.kind === 'forbidden');
  requireEditing(forbidden.map(({ copy }) => copy));
  const then = await look(
    first.otherwise.map(({ item }) => item),
    adopting,
  );
  const reasons = new Map(
    [...outcomes].flatMap(([{ item }, outcome]) => (outcome.kind === 'declined' ? [[item, outcome.reason]] : [])),
  );
  const early = then.otherwise.filter(
    (one) => isInactive(one.copy) && (isOnlyTheEnd(one) || (reasons.has(one.item) && 'expiration_ts' in one.fields)),
  );
  for (const { item } of forbidden) reasons.set(item, NOT_EDITABLE);
  return {
    accepted: [...first.accepted, ...then.accepted],
    absent: [...first.absent, ...then.absent],
    early: early.map(({ item }) => item),
    unsettled: then.otherwise
      .filter((one) => !early.includes(one))
      .map(({ item }) => ({ id: item.id, reason: reasons.get(item) ?? OTHERWISE })),
  };
}

/** They are changed once nobody reviews them any more. */
export function afterReview(early: readonly Rendered[]): Unknown[] {
  return early.map(({ id }) => ({ id, reason: AFTER_REVIEW, isAbsent: true, afterReview: true }));
}

interface Otherwise extends Amended {
  readonly item: Rendered;
  readonly copy: Intelligence;
}

/** Which items our organisation holds as they were brought, holds otherwise, or does not hold. */
async function look(
  items: readonly Rendered[],
  adopting: Adopting,
): Promise<Pick<Adopted, 'accepted' | 'absent'> & { readonly otherwise: readonly Otherwise[] }> {
  const { settings, isOverdue } = adopting;
  const accepted: AdoptedItem[] = [];
  const absent: Rendered[] = [];
  const otherwise: Otherwise[] = [];
  if (items.length === 0) return { accepted, absent, otherwise };
  const copies = await ownCopies(items, adopting);
  for (const item of items) {
    const copy = copies.get(item);
    if (copy === undefined) {
      absent.push(item);
      continue;
    }
    const wanted = observableForm.safeParse(item.form).data;
    const mayWait = isInactive(copy) && (await adopting.waits(copy, item));
    const isBrought = copy.sessionId !== null && copy.sessionId === adopting.sessionId;
    const left =
      wanted === undefined || isBrought ? null : fromCopy(copy, wanted, formsBefore(item), mayWait, settings);
    if (left === null || isNothing(left) || (isOverdue && isTolerable(left))) {
      accepted.push({ id: item.id, remoteId: copy.id, isInactive: isInactive(copy) });
    } else otherwise.push({ ...left, item, copy, remoteId: copy.id });
  }
  return { accepted, absent, otherwise };
}

export function isInactive(copy: Intelligence | undefined): boolean {
  return copy !== undefined && copy.status !== null && copy.status !== 'active';
}

interface Sought {
  readonly value: string;
  readonly held?: { readonly remoteId: string | null };
}

/** Our organisation's copy of each item, as a search by value shows it: also of one that came in the text of an import. */
export async function ownCopies<I extends Sought>(
  items: readonly I[],
  { client, ownerOf, signal }: Pick<Adopting, 'client' | 'ownerOf' | 'signal'>,
): Promise<ReadonlyMap<I, Intelligence>> {
  const values = [...new Set(items.flatMap(({ value }) => [value, textValue(value)]))];
  return ownAmong(items, await searchByValues(client, values, signal), { ownerOf, signal });
}

/**
 * Of copies, our organisation's of each item: an active one before one that is not, and of those the one whose id is known, which needs
 * nobody to say whose it is. A wildcard is not what it matches.
 */
export async function ownAmong<I extends Sought>(
  items: readonly I[],
  copies: readonly Intelligence[],
  { ownerOf, signal }: Pick<Adopting, 'ownerOf' | 'signal'>,
): Promise<ReadonlyMap<I, Intelligence>> {
  const owner = copies.length === 0 ? null : await ownerOf(signal);
  const notTheirs = copies.filter((copy) => copy.type !== 'string' && organizationOf(copy, owner) !== 'theirs');
  const ours = notTheirs.filter((copy) => organizationOf(copy, owner) === 'ours');
  const isActive = (copy: Intelligence | undefined): boolean => copy?.status === 'active';
  const matched = new Map(matchByValue(items, [...ours.filter(isActive), ...ours.filter((copy) => !isActive(copy))]));
  const byId = new Map(notTheirs.map((copy) => [copy.id, copy]));
  for (const item of items) {
    const known = byId.get(item.held?.remoteId ?? '');
    if (known !== undefined && (isActive(known) || !isActive(matched.get(item)))) matched.set(item, known);
  }
  return matched;
}

/** What we asked for before, of an item that is held. */
export function formsBefore({ held }: Rendered): readonly ObservableForm[] {
  return [held?.form, ...(held?.maybes ?? [])].flatMap((form) => observableForm.safeParse(form).data ?? []);
}
