import type { Confirmation, Shipment } from '../destination.ts';
import type { Intelligence } from './reply-schemas.ts';
import { comparable } from './text-value.ts';

/** Items whose value was found are accepted, the others rejected for the reason given. */
export function missingAsRejected(
  { items }: Shipment,
  found: readonly Intelligence[],
  reason: string,
  note: string,
): Extract<Confirmation, { kind: 'settled' }> {
  const values = new Set(found.map(({ value }) => comparable(value)));
  const isThere = ({ value }: { readonly value: string }) => values.has(comparable(value));
  return {
    kind: 'settled',
    accepted: items.filter(isThere).map(({ id }) => id),
    rejected: items.filter((item) => !isThere(item)).map(({ id }) => ({ id, reason })),
    unknown: [],
    note,
  };
}
