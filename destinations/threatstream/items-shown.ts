import type { Shipment } from '../destination.ts';
import type { Intelligence } from './reply-schemas.ts';
import { comparable } from './text-value.ts';

/** The items of a shipment whose value a search has found, and all others. */
export function itemsShown(
  { items }: Shipment,
  found: readonly Intelligence[],
): { readonly shown: readonly number[]; readonly others: readonly number[] } {
  const values = new Set(found.map(({ value }) => comparable(value)));
  const isShown = ({ value }: { readonly value: string }) => values.has(comparable(value));
  return {
    shown: items.filter(isShown).map(({ id }) => id),
    others: items.filter((item) => !isShown(item)).map(({ id }) => id),
  };
}
