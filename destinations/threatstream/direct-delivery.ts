import type { Receipt, Rendered, Shipment } from '../destination.ts';
import { adopt, afterReview, formsBefore, ownAmong } from './adoption.ts';
import { fromCopy, isNothing, isTolerable } from './amendment.ts';
import { bulkBody } from './bulk-body.ts';
import type { Delivery, Shared } from './delivery.ts';
import { matchByValue } from './match-by-value.ts';
import { type ObservableForm, observableForm } from './observable-form.ts';
import { organizationOf } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';
import { changes } from './search.ts';
import { sessionReceipt } from './session-delivery.ts';
import { requireAccepted } from './submission.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** Nothing says what became of it: it was imported later ("after an indefinite interval"), or left out. */
const UNKNOWN = `${API} accepted it with 202 and does not show it: it may have left it out, or import it yet`;

/** By as much may the clock of the worker that it left from have been ahead of ours. */
const OTHER_CLOCK_MS = 2 * 60_000;

/** Delivery by direct writes, which give no id back: what became of them only what has changed there tells. */
export function directDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  { client, feed, ownerOf }: Shared,
): Delivery {
  /** Which of the items are among what has changed since, as they were brought; with the copies. */
  const shown = async (
    { items }: Shipment,
    since: Date,
    signal: AbortSignal,
  ): Promise<readonly { readonly id: number; readonly copy: Intelligence }[]> => {
    const found = await feed.changesSince({ since }, signal);
    const copies = await ownAmong(items, found, { ownerOf, signal });
    return items.flatMap((item) => {
      const copy = copies.get(item);
      return copy === undefined || !isAsBrought(item, copy, settings) ? [] : [{ id: item.id, copy }];
    });
  };
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const reply = await client.send(
        {
          method: 'PATCH',
          path: `/api/${settings.importVersion}/intelligence/`,
          body: { type: 'application/json', text: bulkBody(shipment, settings, sentAt) },
          needs: 'write without approval ("Approve Intel"); grant it, or set approval to required',
        },
        signal,
        leaving,
      );
      requireAccepted(reply, shipment);
      return directReceipt(sentAt, client.theirTime(sentAt));
    },

    async look({ items }, { sentAfter }, signal) {
      const since = client.theirTime(sentAfter);
      if (items.length === 0) {
        // Nothing is looked for but an answer.
        await changes(client, { since, after: null }, signal).next();
        return null;
      }
      const found = await feed.changesSince({ since, aheadMs: OTHER_CLOCK_MS }, signal);
      const owner = found.length === 0 ? null : await ownerOf(signal);
      // One that may be ours counts: what is there need not be sent again.
      const copies = found.filter((copy) => copy.type !== 'string' && organizationOf(copy, owner) !== 'theirs');
      // Of what was held before, one that is held otherwise is no answer to what has become of this.
      const first = [...matchByValue(items, copies)].find(
        ([item, copy]) => !wasHeld(item) || isJustSo(item, copy, settings),
      )?.[1];
      if (first === undefined) return null;
      const { sessionId } = first;
      // It was an import whose session does not show the name of its file.
      if (sessionId !== null) return sessionReceipt(sessionId, deps.now());
      return directReceipt(deps.now(), since);
    },

    async confirm(shipment, receipt, signal) {
      const { sentAt, since } = timesOf(receipt, client);
      const seen = await shown(shipment, since, signal);
      const given = seen.map(({ id, copy }) => ({ id, remoteId: copy.id }));
      const known = new Set(seen.map(({ id }) => id));
      const others = shipment.items.filter(({ id }) => !known.has(id));
      const settled = { kind: 'settled', rejected: [], note: 'active' } as const;
      if (others.length === 0) return { ...settled, accepted: [...known], unknown: [], given };
      const ageMs = deps.now().getTime() - sentAt.getTime();
      const waiting = { kind: 'waiting', retryAfterMs: settings.confirmPoll } as const;
      // What was held already was discarded in silence.
      if (ageMs < settings.confirmFor / 2) return waiting;
      const isOverdue = ageMs >= settings.confirmFor;
      const waits = async (): Promise<boolean> => false;
      const adopted = await adopt(others, { client, settings, ownerOf, signal, waits, isOverdue });
      if (!isOverdue && adopted.absent.length + adopted.unsettled.length > 0) return waiting;
      const absent = adopted.absent.map(({ id }) => ({ id, reason: UNKNOWN, isAbsent: true as const }));
      return {
        ...settled,
        accepted: [...known, ...adopted.accepted.map(({ id }) => id)],
        unknown: [...absent, ...adopted.unsettled, ...afterReview(adopted.early)],
        given: [...given, ...adopted.accepted],
      };
    },
  };
}

function wasHeld({ held }: Rendered): boolean {
  return held !== undefined && ((held.remoteId ?? held.form) !== null || held.maybes.length > 0);
}

/** What is not shown is not known to be otherwise; what waits for a person is as it was brought. */
function isJustSo(item: Rendered, copy: Intelligence, settings: ResolvedSettings): boolean {
  const form = observableForm.safeParse(item.form).data;
  return form === undefined || isNothing(fromCopy(copy, form, taggedBefore(item), true, settings));
}

/**
 * What has changed a moment before, and was discarded as a duplicate, is not what was brought. Of what was new there, ThreatStream may say
 * some itself.
 */
function isAsBrought(item: Rendered, copy: Intelligence, settings: ResolvedSettings): boolean {
  const form = observableForm.safeParse(item.form).data;
  if (form === undefined) return true;
  const amiss = fromCopy(copy, form, taggedBefore(item), false, settings);
  return isNothing(amiss) || (!wasHeld(item) && isTolerable(amiss));
}

/** What it was asked to hold before, and may hold still: tags of that are to go. A direct write says nothing of markings. */
function taggedBefore(item: Rendered): readonly ObservableForm[] {
  return formsBefore(item).map((form) => Object.assign({}, form, { tlp: null }));
}

/** From when on it counts how long it takes to show; and from when on, by ThreatStream's clock, its changes are read. */
function directReceipt(sentAt: Date, since: Date): Receipt {
  return { kind: 'direct', sentAt: sentAt.toISOString(), since: since.toISOString() };
}

function timesOf(
  { sentAt, since }: Receipt,
  client: ThreatStreamClient,
): { readonly sentAt: Date; readonly since: Date } {
  const sent = new Date(String(sentAt));
  if (Number.isNaN(sent.getTime())) throw new TypeError('The receipt does not say when it was sent.');
  // A release before this one did not say it.
  const from = new Date(String(since));
  return { sentAt: sent, since: Number.isNaN(from.getTime()) ? client.theirTime(sent) : from };
}
