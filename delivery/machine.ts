import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { settleUndelivered } from '../ledger/retractions.ts';
import { openShipments } from '../ledger/shipments.ts';
import { finishLeftBehind } from './finish-left-behind.ts';
import { growingWait } from './growing-wait.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { planShipments } from './plan-shipments.ts';
import { fruitlessAttempts } from './progress.ts';
import { type Round, sendShipments } from './send-shipments.ts';
import { settleSent } from './settle-sent.ts';
import { withdrawItems } from './withdraw-items.ts';

export interface Delivered extends BatchTally {
  /** Requests that this attempt sent. */
  readonly requests: number;
}

/** An indicator that another batch is on its way with is tried again after this, and then less and less often. */
const BUSY_MS = 2_000;

/**
 * Sends what the destination does not hold in just this form, and withdraws what it must give up. Each request is written
 * down before it is sent: one whose acknowledgement was lost is looked for at the destination before it is sent again. An indicator
 * that changes in between is planned anew, so that what is written down is what was sent.
 */
export async function deliverBatch(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<Delivered> {
  const { retract, busy: retractLater } = await settleUndelivered(
    parts.ledger,
    input.windowId,
    input.batch,
    pipeline.retractBelow,
  );
  const withdrawal = await withdrawItems(parts, pipeline, input, retract);
  let requests = 0;
  let shipLater: number;
  let round: Round;
  do {
    shipLater = await planShipments(parts, pipeline, input);
    round = await sendShipments(parts, pipeline, input);
    requests += round.requests;
  } while (round.outdated);
  if (withdrawal.failure !== null) throw withdrawal.failure.fault;
  const busy = retractLater + withdrawal.later + shipLater;
  if (busy > 0 || round.waits.length > 0) {
    // The other batch may itself wait for one that this one is on its way with.
    await settleSent(parts, pipeline, await openShipments(parts.ledger, input.windowId, input.batch, 'sent'));
  }
  if (busy > 0) await finishLeftBehind(parts, pipeline, input);
  if (round.waits.length > 0) {
    throw new Fault(
      'Unavailable',
      `${pipeline.destination.describe} did not acknowledge ${round.waits.length} requests and does not show them so far.`,
      { retryAfterMs: Math.min(...round.waits), isOurs: true },
    );
  }
  if (busy > 0) {
    throw new Fault('Throttled', `${busy} indicators are on their way with another batch.`, {
      retryAfterMs: growingWait(BUSY_MS, fruitlessAttempts()),
      isOurs: true,
    });
  }
  return { requests, ...(await batchTally(parts.ledger, input.windowId, input.batch)) };
}
