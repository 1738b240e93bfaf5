import { cancellationSignal } from '@temporalio/activity';
import type { Receipt } from '../destinations/destination.ts';
import { send } from '../destinations/send.ts';
import { Fault } from '../indicators/fault.ts';
import { markLost, markSending, markTurnedAway } from '../ledger/shipment-steps.ts';
import type { StoredShipment } from '../ledger/shipments.ts';
import { findLost } from './find-lost.ts';
import type { Parts, Pipeline } from './parts.ts';
import type { RenderedShipment } from './render-shipments.ts';

/** Another attempt is at work on the same batch: it is looked at again after this. */
const BUSY_MS = 2_000;

export type Sent =
  | { readonly kind: 'sent'; readonly id: number; readonly receipt: Receipt }
  | Declined
  | Failed
  /** The destination has not seen it, and another try is of no use. */
  | { readonly kind: 'hopeless'; readonly stored: StoredShipment }
  /** Nobody will say whether the destination has it. */
  | { readonly kind: 'unanswered'; readonly stored: StoredShipment }
  /** Not sent again: it may still be on its way in. */
  | { readonly kind: 'waiting'; readonly stored: StoredShipment; readonly retryAfterMs: number }
  /** Not sent: an indicator has changed since it was planned. */
  | { readonly kind: 'outdated'; readonly stored: StoredShipment };

/** Nobody knows what became of it, or what became of it before. */
export interface Failed {
  readonly kind: 'failed';
  readonly stored: StoredShipment;
  readonly fault: Fault;
  /** It was its own request that failed, though the destination answered just before. */
  readonly byItself: boolean;
}

export interface Declined {
  readonly kind: 'declined';
  readonly stored: StoredShipment;
  readonly fault: Fault;
}

/**
 * One whose acknowledgement may have been lost is looked for at the destination before it is sent again. Written down is when it leaves
 * and, should no acknowledgement come, how that try has ended: only what the destination itself has declined counts as not taken in, not
 * what kept it from leaving, and not an answer that did not come.
 */
export async function sendOne(
  parts: Parts,
  pipeline: Pipeline,
  { stored, shipment }: RenderedShipment,
  hopeless: boolean,
): Promise<Sent> {
  const { id } = stored;
  let answered = false;
  const left: { at: Date | null } = { at: null };
  const leaving = async (): Promise<void> => {
    const at = parts.now();
    if (!(await markSending(parts.ledger, stored, at))) {
      throw new Fault('Unavailable', 'Another attempt has taken this request up.', { retryAfterMs: BUSY_MS });
    }
    left.at = at;
  };
  try {
    const found = await findLost(parts, pipeline, { stored, shipment });
    answered = stored.sentAfter !== null;
    if (found.kind === 'found') return { kind: 'sent', id, receipt: found.receipt };
    if (found.kind === 'unanswered') return { kind: 'unanswered', stored };
    if (found.kind === 'waiting') return { kind: 'waiting', stored, retryAfterMs: found.retryAfterMs };
    if (hopeless) return { kind: 'hopeless', stored };
    const planned = new Map(stored.items.map((item) => [item.id, item.plannedHash]));
    if (shipment.items.some((item) => planned.get(item.id) !== item.hash)) return { kind: 'outdated', stored };
    return { kind: 'sent', id, receipt: await send(pipeline.destination, shipment, cancellationSignal(), leaving) };
  } catch (error) {
    const lost = !(error instanceof Fault) || error.kind === 'Unavailable';
    if (left.at !== null && lost) await markLost(parts.ledger, id, left.at, parts.now());
    if (left.at !== null && !lost && !error.inPart) await markTurnedAway(parts.ledger, stored, left.at);
    if (!(error instanceof Fault)) throw error;
    if (lost) return { kind: 'failed', stored, fault: error, byItself: left.at !== null && answered };
    // What has not left may still be unfit to leave.
    if (error.kind !== 'Rejected' && (error.kind !== 'TooLarge' || left.at === null)) throw error;
    return { kind: 'declined', stored, fault: error };
  }
}
