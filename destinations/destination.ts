import type { Indicator } from '../indicators/indicator.ts';
import type { Verdict } from '../indicators/reputation.ts';

/** An indicator that was decided `deliver`, with what is known of its reputation. */
export interface Deliverable {
  /** The ledger's id of the indicator: how items are told apart here, never sent. */
  readonly id: number;
  readonly indicator: Indicator;
  readonly verdict: Verdict;
}

/** One item in the destination's own form. */
export interface Rendered {
  readonly id: number;
  /** Changes exactly when what the destination would hold changes. */
  readonly hash: string;
  /** Items with the same group may travel in one request. */
  readonly group: string;
  /** As the destination knows it: the value to look for when confirming. */
  readonly value: string;
  /** The wire form, JSON only; `bytes` is its share of a request. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

/** One request: items of one group, within the destination's limits. */
export interface Shipment {
  /** Unique to this shipment, stable over retries; the destination shows it back, so a lost acknowledgement can be found. */
  readonly marker: string;
  readonly items: readonly Rendered[];
}

/** What the destination gave back: JSON that `confirm` understands; it holds no indicator value and no secret. */
export type Receipt = Readonly<Record<string, string | number | boolean | null>>;

export type Confirmation =
  /** The destination does not know yet; ask again after this many milliseconds. */
  | { readonly kind: 'waiting'; readonly retryAfterMs: number }
  | {
      readonly kind: 'settled';
      readonly accepted: readonly number[];
      readonly rejected: readonly { readonly id: number; readonly reason: string }[];
      /**
       * Nobody can say, after a bounded effort, whether the destination has them: they are set aside, and treated as held when they
       * end. Never rejected, and never confirmed, for want of an answer.
       */
      readonly unknown: readonly { readonly id: number; readonly reason: string }[];
      /** What an operator should know, for instance `ready for review`. */
      readonly note: string;
    };

/** A TIP. Everything that does I/O takes a signal, throws only `Fault`s, and may be called again with the same arguments. */
export interface Destination {
  /** Shown to operators: the type, and the host it talks to. */
  readonly describe: string;
  /** Pure: what would be held for this item. */
  render(item: Deliverable): Rendered;
  /** Pure: requests of one group each, within the destination's limits, in a stable order. */
  plan(items: readonly Rendered[]): readonly (readonly Rendered[])[];
  /**
   * Sends one shipment. Its acknowledgement is not a confirmation. `leaving` is called when its turn has come, and has ended before
   * the first byte leaves.
   */
  send(shipment: Shipment, signal: AbortSignal, leaving?: () => Promise<void>): Promise<Receipt>;
  /**
   * Looks for a shipment that left at `sentAfter` and whose acknowledgement was lost; null when the destination has never seen it
   * and will not see it any more.
   */
  find(shipment: Shipment, sentAfter: Date, signal: AbortSignal): Promise<Receipt | null>;
  /** Asks what became of a shipment. */
  confirm(shipment: Shipment, receipt: Receipt, signal: AbortSignal): Promise<Confirmation>;
  /** Withdraws values (sets them inactive). Returns what could not be found as `missing`: that is as good as withdrawn. */
  retract(
    values: readonly { readonly id: number; readonly value: string }[],
    signal: AbortSignal,
  ): Promise<{
    readonly retracted: readonly number[];
    readonly missing: readonly number[];
  }>;
}
