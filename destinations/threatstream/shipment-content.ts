import { Fault } from '../../indicators/fault.ts';
import type { Shipment } from '../destination.ts';
import { type ObservableForm, observableForm } from './render.ts';

export interface ShippedItem {
  readonly value: string;
  readonly form: ObservableForm;
}

export interface ShipmentContent {
  readonly items: readonly ShippedItem[];
  /** The form of any one of them, for the fields that all share. */
  readonly shared: ObservableForm;
}

/**
 * What a request is made of. An indicator may have changed since its request was planned: when the items are no longer of one
 * group, the request is given back as `Rejected`, so that it is divided.
 */
export function contentOf({ items }: Shipment): ShipmentContent {
  const [first] = items;
  if (first === undefined) throw new TypeError('A shipment has at least one item.');
  if (items.some(({ group }) => group !== first.group)) {
    throw new Fault(
      'Rejected',
      'The indicators of this request have changed since it was planned and no longer fit together.',
    );
  }
  const read = items.map(({ value, payload }) => ({ value, form: observableForm.parse(payload) }));
  return { items: read, shared: observableForm.parse(first.payload) };
}
