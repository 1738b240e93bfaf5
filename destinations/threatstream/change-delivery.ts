import { Fault } from '../../indicators/fault.ts';
import type { Rendered, Shipment } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { isInactive, ownCopies } from './adoption.ts';
import { type Amended, amend, type Outcome, requireEditing } from './amend.ts';
import { fromForm } from './amendment.ts';
import { changeOutcome } from './change-outcome.ts';
import type { Delivery, Shared } from './delivery.ts';
import { type ObservableForm, observableForm } from './observable-form.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

const DECLINED = `${API} declined their change`;

interface Wanted extends Amended {
  readonly item: Rendered;
  readonly form: ObservableForm;
}

/** Changes what ThreatStream holds, by the ids that it gave. Nothing of it arrives twice: what was lost is asked for again. */
export function changeDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  { client, board, feed, ownerOf }: Shared,
): Delivery {
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const wanted = fitted(() => wantedOf(shipment, settings));
      await leaving?.();
      const changing = counting(client);
      const outcomes = await amend(changing, wanted, settings, signal);
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
      await amend(changing, moved, settings, signal);
      const found = new Set(moved.map(({ item }) => item.id));
      // What has been approved since it was declined is so no longer.
      const early = new Set(ending.filter(({ item }) => item.held?.awaits === true || isInactive(copies?.get(item))));
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

    confirm: ({ items }, receipt, signal) =>
      changeOutcome(items, receipt, { client, board, feed, settings, ownerOf, signal, now: deps.now() }),
  };
}

/** A client that says of a fault whether some requests had been answered before it. */
function counting(client: ThreatStreamClient): ThreatStreamClient {
  let answered = 0;
  return {
    ...client,
    async send(...call) {
      try {
        const reply = await client.send(...call);
        answered += 1;
        return reply;
      } catch (error) {
        throw answered > 0 && error instanceof Fault ? error.afterAPart() : error;
      }
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
    const form = observableForm.parse(item.form);
    const { remoteId = null, form: heldForm = null, maybes = [], awaits = false } = item.held ?? {};
    const before = observableForm.safeParse(heldForm).data ?? null;
    const others = maybes.flatMap((one) => observableForm.safeParse(one).data ?? []);
    return { item, form, remoteId: remoteId ?? '', ...fromForm({ before, maybes: others, awaits }, form, settings) };
  });
}

function idsOf(all: readonly Wanted[]): string {
  return all.map(({ item }) => item.id).join(',');
}

function whyOf(outcomes: ReadonlyMap<Wanted, Outcome>): string | null {
  for (const outcome of outcomes.values()) if (outcome.kind === 'declined') return outcome.reason;
  return null;
}
