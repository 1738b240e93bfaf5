import type { RejectedItem, Rendered } from '../destinations/destination.ts';
import { isBroughtAgain, type Telling } from '../indicators/refusal.ts';
import type { Rejection } from '../ledger/shipment-steps.ts';
import type { DeliverItem, StoredShipment, UnshippedItem } from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';
import { verdictsOf } from './render-shipments.ts';

/** What is known of items that rises when they are worth another look of an analyst. */
export async function tellingOf(
  parts: Parts,
  pipeline: Pipeline,
  items: readonly Pick<DeliverItem, 'id' | 'indicator'>[],
): Promise<ReadonlyMap<number, Telling>> {
  if (items.length === 0) return new Map();
  const { verdicts } = await verdictsOf(parts, pipeline, items);
  const classifications = new Map(
    verdicts.map(({ item, verdict }) => [item.id, verdict.kind === 'scored' ? verdict.classification : null]),
  );
  return new Map(
    items.map(({ id, indicator }) => [
      id,
      { classification: classifications.get(id) ?? null, threat: indicator.facts.threat },
    ]),
  );
}

/** What a destination has rejected of a shipment; of what a person there has, with what is known of it now. */
export async function rejectionsOf(
  parts: Parts,
  pipeline: Pipeline,
  { items }: Pick<StoredShipment, 'items'>,
  rejected: readonly RejectedItem[],
): Promise<readonly Rejection[]> {
  const ids = new Set(rejected.filter(({ byReviewer }) => byReviewer === true).map(({ id }) => id));
  const refused = items.filter(({ id }) => ids.has(id));
  const telling = await tellingOf(parts, pipeline, refused);
  const hashes = new Map(refused.map(({ id, plannedHash }) => [id, plannedHash ?? '']));
  return rejected.map(({ id, reason }) => {
    const [known, hash] = [telling.get(id), hashes.get(id)];
    return { id, reason, ...(known === undefined || hash === undefined ? {} : { refused: { ...known, hash } }) };
  });
}

const NOT_AGAIN = 'rejected by an analyst before; it is not brought again';

/** Of items in the form to deliver, those that an analyst has rejected before and that are not brought again. */
export async function refusedItems(
  parts: Parts,
  pipeline: Pipeline,
  rendered: readonly Rendered[],
  items: ReadonlyMap<number, UnshippedItem>,
): Promise<readonly { readonly id: number; readonly reason: string }[]> {
  const refusedOf = ({ id }: Rendered) => items.get(id)?.refused ?? null;
  const telling = await tellingOf(
    parts,
    pipeline,
    rendered.filter((item) => refusedOf(item) !== null).flatMap(({ id }) => items.get(id) ?? []),
  );
  return rendered.flatMap((item) => {
    const refused = refusedOf(item);
    const now = telling.get(item.id);
    if (refused === null || now === undefined) return [];
    const isBrought = isBroughtAgain(refused, { hash: item.hash, ...now }, pipeline.bringRefused);
    return isBrought ? [] : [{ id: item.id, reason: NOT_AGAIN }];
  });
}
