import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { settleUndelivered } from '../ledger/retractions.ts';
import { openShipments } from '../ledger/shipments.ts';
import { finishLeftBehind } from './finish-left-behind.ts';
import { growingWait } from './growing-wait.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { planShipments } from './plan-shipments.ts';
import { fruitlessAttempts } from './progress.ts';
import { sendShipments } from './send-shipments.ts';
import { settleSent } from './settle-sent.ts';
import { type Withdrawal, withdrawItems } from './withdraw-items.ts';

export interface Delivered extends BatchTally {
  /** Requests that this attempt sent. */
  readonly requests: number;
}

/** An indicator that another batch is on its way with is tried again after this, and then less and less often. */
const BUSY_MS = 2_000;

/**
 * Withdraws what the destination must give up, and sends what it does not hold in just this form: the states and what leads from one to the
 * next are drawn in docs/delivery.md. Each request is written down before it is sent: one whose acknowledgement was lost is looked for at the
 * destination before it is sent again. An indicator that changes in between is planned anew, so that what is written down is what was sent.
 */
export async function deliverBatch(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<Delivered> {
  const withdrawal = await withdraw(parts, pipeline, input);
  const sending = await planAndSend(parts, pipeline, input);
  if (withdrawal.failure !== null) throw withdrawal.failure.fault;
  const busy = withdrawal.later + sending.later;
  await finishForOthers(parts, pipeline, input, { busy, lost: sending.waits.length });
  if (sending.waits.length > 0) throw stillLost(pipeline, sending.waits);
  if (busy > 0) throw stillBusy(busy);
  return { requests: sending.requests, ...(await batchTally(parts.ledger, input.windowId, input.batch)) };
}

/** `later`: what has to wait for another batch. */
async function withdraw(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<Withdrawal> {
  const { windowId, batch } = input;
  const { retract, busy } = await settleUndelivered(parts.ledger, windowId, batch, pipeline.retractBelow);
  const { later, failure } = await withdrawItems(parts, pipeline, input, retract);
  return { later: later + busy, failure };
}

async function planAndSend(parts: Parts, pipeline: Pipeline, input: BatchRef) {
  for (let requests = 0; ; ) {
    const later = await planShipments(parts, pipeline, input);
    const { waits, outdated, ...round } = await sendShipments(parts, pipeline, input);
    requests += round.requests;
    if (!outdated) return { later, waits, requests };
  }
}

/** Whoever waits for another batch finds out what that one waits for: the other may itself wait for this one. */
async function finishForOthers(
  parts: Parts,
  pipeline: Pipeline,
  input: BatchRef,
  { busy, lost }: { readonly busy: number; readonly lost: number },
): Promise<void> {
  const { windowId, batch } = input;
  if (busy > 0 || lost > 0) {
    await settleSent(parts, pipeline, await openShipments(parts.ledger, windowId, batch, 'sent'));
  }
  if (busy > 0) await finishLeftBehind(parts, pipeline, input);
}

function stillLost({ destination }: Pipeline, waits: readonly number[]): Fault {
  return new Fault(
    'Unavailable',
    `${destination.describe} did not acknowledge ${waits.length} requests and does not show them so far.`,
    { retryAfterMs: Math.min(...waits), isOurs: true },
  );
}

function stillBusy(items: number): Fault {
  return new Fault('Throttled', `${items} indicators are on their way with another batch.`, {
    retryAfterMs: growingWait(BUSY_MS, fruitlessAttempts()),
    isOurs: true,
  });
}
