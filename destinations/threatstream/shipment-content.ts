import type { Shipment } from '../destination.ts';
import { type ObservableForm, observableForm } from './observable-form.ts';

export interface ShippedItem {
  readonly value: string;
  readonly form: ObservableForm;
}

export interface ShipmentContent {
  readonly items: readonly ShippedItem[];
  /** The form of any one of them, for the fields that all share. */
  readonly shared: ObservableForm;
}

/** What a request is made of: items of one group, as they were planned. */
export function contentOf({ items }: Shipment): ShipmentContent {
  const [first] = items;
  if (first === undefined) throw new TypeError('A shipment has at least one item.');
  const read = items.map(({ value, form }) => ({ value, form: observableForm.parse(form) }));
  return { items: read, shared: observableForm.parse(first.form) };
}
