import type { Destination, LostTry, Receipt, Send, Shipment } from '../destination.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { OwnerOf } from './ownership.ts';
import type { SessionBoard } from './session-board.ts';
import type { ThreatStreamClient } from './threatstream-client.ts';

/** What all ways in ask with. */
export interface Shared {
  readonly client: ThreatStreamClient;
  readonly board: SessionBoard;
  readonly feed: ChangeFeed;
  readonly ownerOf: OwnerOf;
}

/** One of the ways in: what they share is elsewhere. */
export interface Delivery extends Pick<Destination, 'confirm'> {
  readonly send: Send;
  /** Looks once for a shipment that left then, wherever it would show; null when it is not there now. */
  readonly look: (shipment: Shipment, lost: LostTry, signal: AbortSignal) => Promise<Receipt | null>;
}
