import { Fault } from '../../indicators/fault.ts';
import type { Receipt, Rendered, Shipment, Unknown } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { type Adopting, formsBefore, ownAmong, ownCopies } from './adoption.ts';
import { type Amended, amend, NOT_EDITABLE, type Outcome, requireEditing } from './amend.ts';
import { type Amendment, fromCopy, fromForm, isNothing, isTolerable } from './amendment.ts';
import type { Delivery } from './delivery.ts';
import { type ObservableForm, observableForm } from './observable-form.ts';
import type { OwnerOf } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';
import { changesSince } from './search.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

const DECLINED = `${API} declined its change`;
const FORGOTTEN = `${API} no longer has it, which was withdrawn before: to deliver it once more brings it anew`;
const GONE = `it is no longer in ${API}: it was deleted there, by an analyst or a rule`;
const OTHERWISE = `${API} acknowledged its change, and does not show it so`;
const AFTER_REVIEW = `it waits for a review in ${API}, which lets only what is active end at another time: it is changed once that is over`;

interface Wanted extends Amended {
  readonly item: Rendered;
  readonly form: ObservableForm;
}

/** Changes what ThreatStream holds, by the ids that it gave. Nothing of it arrives twice: what was lost is asked for again. */
export function changeDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  { client, ownerOf }: { readonly client: ThreatStreamClient; readonly ownerOf: OwnerOf },
): Delivery {
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const wanted = fitted(() => wantedOf(shipment, settings));
      await leaving?.();
      const outcomes = await amend(client, wanted, settings, signal);
      const of = (kind: Outcome['kind']): readonly Wanted[] => wanted.filter((one) => outcomes.get(one)?.kind === kind);
      const [missing, forbidden] = [of('missing'), of('forbidden')];
      const ending = of('declined').filter(({ fields }) => 'expiration_ts' in fields);
      const beside = [...missing, ...forbidden, ...ending].map(({ item }) => item);
      const copies = beside.length === 0 ? null : await ownCopies(beside, { client, ownerOf, signal });
      requireEditing(forbidden.map(({ item }) => copies?.get(item) ?? null));
      // An approval may give an observable another id (UNCONFIRMED).
      const moved = missing.flatMap((one) => {
        const remoteId = copies?.get(one.item)?.id ?? one.remoteId;
        return remoteId === one.remoteId ? [] : [{ ...one, remoteId }];
      });
      await amend(client, moved, settings, signal);
      const found = new Set(moved.map(({ item }) => item.id));
      const early = new Set(ending.filter(({ item }) => isInactive(copies?.get(item))));
      const declined = of('declined').filter((one) => !early.has(one));
      // What is declined of all may be no item's fault: it is found out as with any other request.
      if (declined.length > 0 && declined.length === wanted.length) throw declinedAll(declined, outcomes);
      return {
        kind: 'change',
        sentAt: sentAt.toISOString(),
        since: client.theirTime(sentAt).toISOString(),
        gone: idsOf(missing.filter(({ item }) => !found.has(item.id))),
        forbidden: idsOf(forbidden),
        declined: idsOf(declined),
        early: idsOf([...early]),
        why: whyOf(outcomes),
      };
    },

    async look() {
      return null;
    },

    async confirm({ items }, receipt, signal) {
      const [gone, forbidden, declined, early] = ['gone', 'forbidden', 'declined', 'early'].map((kind) =>
        listed(receipt[kind]),
      );
      const fateOf = ({ id }: Rendered): string | null => {
        if (gone?.has(id)) return GONE;
        if (forbidden?.has(id)) return NOT_EDITABLE;
        return declined?.has(id) ? String(receipt['why'] ?? DECLINED) : null;
      };
      const left = items.filter((item) => fateOf(item) === null && !early?.has(item.id));
      const lost = items.filter((item) => gone?.has(item.id) && isWithdrawn(item));
      const rejected = items.flatMap((item) => {
        const reason = fateOf(item);
        return reason === null || lost.includes(item) ? [] : [{ id: item.id, reason }];
      });
      const isOverdue = deps.now().getTime() >= Date.parse(String(receipt['sentAt'])) + settings.confirmForMs;
      const copies = await copiesOf(left, new Date(String(receipt['since'])), isOverdue, { client, ownerOf, signal });
      const accepted: number[] = [];
      const given: { id: number; remoteId: string | null }[] = lost.map(({ id }) => ({ id, remoteId: null }));
      // To ask for a change once more does no harm.
      const unknown = (item: Rendered, reason: string): Unknown => ({ id: item.id, reason, isAbsent: true });
      const afterReview = ({ id }: Rendered): Unknown => ({
        id,
        reason: AFTER_REVIEW,
        isAbsent: true,
        afterReview: true,
      });
      const tooEarly = items.filter((item) => early?.has(item.id));
      const otherwise: Rendered[] = [];
      for (const item of left) {
        const copy = copies.get(item);
        const amiss = copy === undefined ? null : amissOf(item, copy, settings);
        if (copy !== undefined && amiss !== null && (isNothing(amiss) || (isOverdue && isTolerable(amiss)))) {
          accepted.push(item.id);
          given.push({ id: item.id, remoteId: copy.id });
        } else if (amiss !== null && isInactive(copy) && isOnlyTheEnd(amiss)) tooEarly.push(item);
        else otherwise.push(item);
      }
      if (otherwise.length > 0 && !isOverdue) return { kind: 'waiting', retryAfterMs: settings.confirmPollMs };
      const unsure = [
        ...tooEarly.map(afterReview),
        ...otherwise.map((item) => unknown(item, OTHERWISE)),
        ...lost.map((item) => unknown(item, FORGOTTEN)),
      ];
      return { kind: 'settled', accepted, given, rejected, unknown: unsure, note: 'changed' };
    },
  };
}

function declinedAll(declined: readonly Wanted[], outcomes: ReadonlyMap<Wanted, Outcome>): Fault {
  const said = whyOf(outcomes) ?? DECLINED;
  const many = `${API} declined the changes of ${declined.length} indicators.`;
  return new Fault('Rejected', declined.length === 1 ? said : many);
}

function wantedOf({ items }: Shipment, settings: ResolvedSettings): Wanted[] {
  return items.map((item) => {
    const form = observableForm.parse(item.payload);
    const [before, maybe] = [item.held?.form, item.held?.maybe].map(
      (one) => observableForm.safeParse(one).data ?? null,
    );
    const remoteId = item.held?.remoteId ?? '';
    return { item, form, remoteId, ...fromForm(before ?? null, maybe ?? null, form, settings) };
  });
}

/** It was, or may have been, set inactive by us, and is to be active again. */
function isWithdrawn({ held }: Rendered): boolean {
  return (held?.form ?? null) === null;
}

/** Among what has changed and, in the end, what a search shows of those that have not. */
async function copiesOf(
  items: readonly Rendered[],
  since: Date,
  isOverdue: boolean,
  asking: Pick<Adopting, 'client' | 'ownerOf' | 'signal'>,
): Promise<ReadonlyMap<Rendered, Intelligence>> {
  if (items.length === 0) return new Map();
  const { found } = await changesSince(asking.client, since, asking.signal);
  const byId = new Map(found.map((copy) => [copy.id, copy]));
  const copies = new Map(await ownAmong(items, found, asking));
  for (const item of items) {
    const copy = byId.get(item.held?.remoteId ?? '');
    if (copy !== undefined) copies.set(item, copy);
  }
  const others = items.filter((item) => !copies.has(item));
  if (isOverdue && others.length > 0)
    for (const [item, copy] of await ownCopies(others, asking)) copies.set(item, copy);
  return copies;
}

/** What is not so yet. What waits for a person was changed as it is, and stays inactive until then. */
function amissOf(item: Rendered, copy: Intelligence, settings: ResolvedSettings): Amendment {
  const form = observableForm.safeParse(item.payload).data;
  if (form === undefined) return { fields: {}, addTags: [], removeTags: [] };
  // That a marking can be taken off is UNCONFIRMED, and is not waited for.
  const before = formsBefore(item).map((one) => Object.assign({}, one, { tlp: null }));
  const mayWait = (item.held?.form ?? null) !== null;
  return fromCopy(copy, form, before, mayWait, settings);
}

/** An end can be changed of what is active only: of what is not, it is declined, or left as it was. (Source: Google SecOps's client.) */
function isOnlyTheEnd({ fields, addTags, removeTags }: Amendment): boolean {
  return addTags.length + removeTags.length === 0 && Object.keys(fields).join() === 'expiration_ts';
}

function isInactive(copy: Intelligence | undefined): boolean {
  return copy !== undefined && copy.status !== null && copy.status !== 'active';
}

function idsOf(all: readonly Wanted[]): string {
  return all.map(({ item }) => item.id).join(',');
}

function listed(ids: Receipt[string] | undefined): ReadonlySet<number> {
  return new Set(typeof ids === 'string' && ids !== '' ? ids.split(',').map(Number) : []);
}

function whyOf(outcomes: ReadonlyMap<Wanted, Outcome>): string | null {
  for (const outcome of outcomes.values()) if (outcome.kind === 'declined') return outcome.reason;
  return null;
}
