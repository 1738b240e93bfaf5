import type { Deliverable, Held } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { deliverable } from './threatstream-indicators.ts';
import { type Bench, only, SIGNAL, settle, shipmentsOf } from './threatstream-sandbox.ts';

export const NONE: Held = { remoteId: null, form: null, maybes: [], awaits: false };
export const TIMES = { confirmFor: 60_000 };

/** Delivers, as an analyst approves it, and tells what the adapter would be told of it by the ledger. */
export async function held(bench: Bench, items: readonly Deliverable[]): Promise<ReadonlyMap<number, Held>> {
  const all = new Map<number, Held>();
  for (const shipment of shipmentsOf(bench.threatstream, items)) {
    const { given = [] } = await settle(bench.threatstream, shipment, await send(bench.threatstream, shipment, SIGNAL));
    for (const { id, remoteId } of given) {
      const form = shipment.items.find((item) => item.id === id)?.form ?? null;
      all.set(id, { remoteId, form, maybes: [], awaits: false });
    }
  }
  bench.sandbox.tips.threatstream.review({ decision: 'approve' });
  return all;
}

export async function changed(bench: Bench, items: readonly Deliverable[]) {
  const shipment = only(shipmentsOf(bench.threatstream, items, 'change'));
  const before = bench.requests.length;
  const outcome = await settle(bench.threatstream, shipment, await send(bench.threatstream, shipment, SIGNAL));
  return {
    ...outcome,
    requests: bench.requests
      .slice(before)
      .map(({ method, url }) => `${method} ${new URL(url).pathname.replace('/threatstream', '')}`),
  };
}

/** As the ledger tells that it is held. */
export function asHeld(item: Deliverable, known: ReadonlyMap<number, Held>): Deliverable {
  return { ...item, held: known.get(item.id) ?? NONE };
}

export const domain = (id: number, facts: Parameters<typeof deliverable>[3] = {}) =>
  deliverable(id, 'domain', `host${id}.example.com`, facts);
