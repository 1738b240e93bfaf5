import type { Destination, Receipt, Shipment } from '../destination.ts';

/** One of the two ways in: what they share is elsewhere. */
export interface Delivery extends Pick<Destination, 'send' | 'confirm'> {
  /** Looks once for a shipment that left at `sentAfter`, wherever it would show; null when it is not there now. */
  readonly look: (shipment: Shipment, sentAfter: Date, signal: AbortSignal) => Promise<Receipt | null>;
}
