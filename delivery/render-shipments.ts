import type { Destination, Held, Rendered, Shipment } from '../destinations/destination.ts';
import { unfitReason } from '../destinations/unfit.ts';
import { hostToLookUp } from '../indicators/decide.ts';
import type { Verdict } from '../indicators/reputation.ts';
import { knownReputations } from '../ledger/reputations.ts';
import type { DeliverItem, StoredShipment } from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';

export interface RenderedItems {
  readonly rendered: readonly Rendered[];
  /** Those that could not be put into the destination's form, and why. */
  readonly unfit: readonly { readonly id: number; readonly reason: string }[];
}

/**
 * Items in the destination's form, as the ledger has them and their reputations now; each by itself. What it holds of them is what it
 * held when they were planned, so that what was planned as a change stays one, and what is new stays new.
 */
export async function renderItems(
  parts: Parts,
  pipeline: Pipeline,
  items: readonly DeliverItem[],
): Promise<RenderedItems> {
  const { verdicts, unfit: withoutVerdicts } = await verdictsOf(parts, pipeline, items);
  const { fit: rendered, unfit } = each(
    verdicts.map(({ item: { id, indicator, held }, verdict }) => withHeld({ id, indicator, verdict }, held)),
    (item) => withHeld(pipeline.destination.render(item), item.held ?? null),
  );
  return { rendered, unfit: [...withoutVerdicts, ...unfit] };
}

/** What is known of the reputation of items; what throws for one costs that one. */
export async function verdictsOf<T extends Pick<DeliverItem, 'id' | 'indicator'>>(
  parts: Parts,
  pipeline: Pipeline,
  items: readonly T[],
): Promise<{
  readonly verdicts: readonly { readonly item: T; readonly verdict: Verdict }[];
  readonly unfit: RenderedItems['unfit'];
}> {
  const { fit, unfit } = each(items, (item) => ({ item, host: hostToLookUp(item.indicator, pipeline.policy) }));
  const hosts = [...new Set(fit.flatMap(({ host }) => host ?? []))];
  const known = await knownReputations(parts.ledger, hosts, null);
  const verdicts = fit.map(({ item, host }) => {
    const verdict: Verdict = host === null ? { kind: 'not-a-host' } : (known.get(host) ?? { kind: 'none' });
    return { item, verdict };
  });
  return { verdicts, unfit };
}

/** Requests for the items; where one hinders the planning of all, it is found by itself. */
export function planItems(
  destination: Pick<Destination, 'plan'>,
  items: readonly Rendered[],
): { readonly requests: readonly (readonly Rendered[])[]; readonly unfit: RenderedItems['unfit'] } {
  try {
    return { requests: destination.plan(items), unfit: [] };
  } catch {
    const { fit, unfit } = each(items, (item) => {
      destination.plan([item]);
      return item;
    });
    return { requests: destination.plan(fit), unfit };
  }
}

/** Does it with each item: what throws costs the item that it threw for. */
function each<T extends { readonly id: number }, R>(
  items: readonly T[],
  work: (item: T) => R,
): { readonly fit: readonly R[]; readonly unfit: RenderedItems['unfit'] } {
  const fit: R[] = [];
  const unfit: RenderedItems['unfit'][number][] = [];
  for (const item of items) {
    try {
      fit.push(work(item));
    } catch (error) {
      unfit.push({ id: item.id, reason: unfitReason(error) });
    }
  }
  return { fit, unfit };
}

export interface RenderedShipment {
  readonly stored: StoredShipment;
  readonly shipment: Shipment;
}

/**
 * Shipments in the destination's form, as the ledger has their items now. Of an item that cannot be put into it any more only the value
 * is known: enough to ask for it, and no longer what was planned.
 */
export async function renderShipments(
  parts: Parts,
  pipeline: Pipeline,
  shipments: readonly StoredShipment[],
): Promise<readonly RenderedShipment[]> {
  const { rendered } = await renderItems(
    parts,
    pipeline,
    shipments.flatMap(({ items }) => items),
  );
  const byId = new Map(rendered.map((item) => [item.id, item]));
  return shipments.map((stored) => ({
    stored,
    shipment: {
      name: stored.name,
      items: stored.items.map((item) => {
        const { plannedHash } = item;
        const now = byId.get(item.id) ?? byValue(item);
        return plannedHash === null ? now : { ...now, plannedHash };
      }),
    },
  }));
}

/**
 * A shipment of the past, to ask what became of it: nothing is wanted of its items, but of some. What has been withdrawn or changed since,
 * by us or by a person, is not to be made what it was.
 */
export function onlyAsked(shipment: Shipment, wanted: ReadonlySet<number> = new Set()): Shipment {
  return {
    ...shipment,
    items: shipment.items.map((item) => (wanted.has(item.id) ? item : { ...item, form: {} })),
  };
}

function byValue({ id, indicator, held }: DeliverItem): Rendered {
  const { key } = indicator;
  return withHeld({ id, key, hash: '', batchKey: '', value: key.value, form: {} }, held);
}

function withHeld<T extends object>(item: T, held: Held | null): T & { readonly held?: Held } {
  return held === null ? item : { ...item, held };
}
