import { cancellationSignal } from '@temporalio/activity';
import type { Receipt } from '../destinations/destination.ts';
import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { rejectUnshipped } from '../ledger/reject-unshipped.ts';
import { claimRetractions, markRetracted, setRetractionsAside, settleUndelivered } from '../ledger/retractions.ts';
import {
  halveShipment,
  markLost,
  markSending,
  markSent,
  markTurnedAway,
  settleShipments,
  takeApart,
} from '../ledger/shipment-steps.ts';
import { confirmHeld, openShipments, planShipments, type StoredShipment, unshippedItems } from '../ledger/shipments.ts';
import { askSent, SIDE_BY_SIDE } from './ask-sent.ts';
import { findLost } from './find-lost.ts';
import { finishLeftBehind } from './finish-left-behind.ts';
import { growingWait } from './growing-wait.ts';
import type { Parts, Pipeline } from './parts.ts';
import { fruitlessAttempts, progressed } from './progress.ts';
import { planItems, type RenderedShipment, renderItems, renderShipments } from './render-shipments.ts';
import type { BatchRef } from './score.ts';

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
export async function deliver(parts: Parts, input: BatchRef): Promise<Delivered> {
  const pipeline = parts.pipeline(input.pipeline);
  const { retract, busy: retractLater } = await settleUndelivered(
    parts.ledger,
    input.windowId,
    input.batch,
    pipeline.retractBelow,
  );
  const comeBack = await retractAll(parts, pipeline, input, retract);
  let requests = 0;
  let shipLater: number;
  let round: Round;
  do {
    shipLater = await planAll(parts, pipeline, input);
    round = await sendAll(parts, pipeline, input);
    requests += round.requests;
  } while (round.outdated);
  const busy = retractLater + comeBack + shipLater;
  if (busy > 0 || round.waits.length > 0) {
    // The other batch may itself wait for one that this one is on its way with.
    await askSent(parts, pipeline, await openShipments(parts.ledger, input.windowId, input.batch, 'sent'));
  }
  if (busy > 0) await finishLeftBehind(parts, pipeline, input);
  if (round.waits.length > 0) {
    throw new Fault(
      'Unavailable',
      `${pipeline.destination.describe} did not acknowledge ${round.waits.length} requests and does not show them so far.`,
      { retryAfterMs: Math.min(...round.waits) },
    );
  }
  if (busy > 0) {
    throw new Fault('Throttled', `${busy} indicators are on their way with another batch.`, {
      retryAfterMs: growingWait(BUSY_MS, fruitlessAttempts()),
    });
  }
  return { requests, ...(await batchTally(parts.ledger, input.windowId, input.batch)) };
}

/**
 * What was withdrawn is written down before a failure of one is passed on: a thousand need not succeed in one go. Returns how
 * many items have to wait for another batch.
 */
async function retractAll(
  parts: Parts,
  pipeline: Pipeline,
  input: BatchRef,
  items: Awaited<ReturnType<typeof settleUndelivered>>['retract'],
): Promise<number> {
  let later = 0;
  for (let at = 0; at < items.length; at += SIDE_BY_SIDE) {
    const group = items.slice(at, at + SIDE_BY_SIDE);
    const ids = group.map(({ id }) => id);
    const claimed = new Set(await claimRetractions(parts.ledger, input.windowId, ids, parts.now()));
    later += ids.length - claimed.size;
    const tries = await Promise.allSettled(
      group
        .filter(({ id }) => claimed.has(id))
        .map((item) => pipeline.destination.retract([item], cancellationSignal())),
    );
    const gone = tries.flatMap((one) =>
      one.status === 'fulfilled' ? [...one.value.retracted, ...one.value.missing] : [],
    );
    await markRetracted(parts.ledger, input.windowId, gone, parts.now());
    const unknown = tries.flatMap((one) => (one.status === 'fulfilled' ? one.value.unknown : []));
    await setRetractionsAside(parts.ledger, input.windowId, unknown, parts.now());
    parts.telemetry.settled(pipeline.name, { retracted: gone.length });
    if (gone.length > 0) progressed({ retracted: at + gone.length });
    const failed = tries.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  return later;
}

/** What cannot be put into the destination's form is rejected here, item by item. Returns how many have to wait for another batch. */
async function planAll(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<number> {
  const items = await unshippedItems(parts.ledger, input.windowId, input.batch);
  const { rendered, unfit } = await renderItems(parts, pipeline, items);
  const heldHash = new Map(items.map(({ id, heldHash: hash }) => [id, hash]));
  const held = rendered.filter(({ id, hash }) => heldHash.get(id) === hash);
  await confirmHeld(parts.ledger, input.windowId, held);
  const { requests, unfit: unplanned } = planItems(
    pipeline.destination,
    rendered.filter(({ id, hash }) => heldHash.get(id) !== hash),
  );
  const rejected = [...unfit, ...unplanned];
  await rejectUnshipped(parts.ledger, input.windowId, rejected, parts.now());
  parts.telemetry.settled(pipeline.name, { rejected: rejected.length });
  const planned = requests.map((part) => ({ marker: parts.newMarker(pipeline.name), items: part }));
  return planShipments(parts.ledger, { ...input, now: parts.now() }, planned);
}

interface Round {
  readonly requests: number;
  /** Some items have changed, and have to be planned anew. */
  readonly outdated: boolean;
  /** For requests that may still be on their way in: in how many milliseconds to look for each again. */
  readonly waits: readonly number[];
}

/**
 * Sends planned shipments, some side by side; those that were halved on the way put new ones in their place. One that has to wait
 * waits for itself alone.
 */
async function sendAll(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<Round> {
  let requests = 0;
  let outdated = false;
  const waiting = new Map<number, number>();
  for (;;) {
    const open = await openShipments(parts.ledger, input.windowId, input.batch, 'planned');
    const planned = open.filter(({ id }) => !waiting.has(id));
    if (planned.length === 0) return { requests, outdated, waits: [...waiting.values()] };
    const shipments = await renderShipments(parts, pipeline, planned);
    for (let at = 0; at < shipments.length; at += SIDE_BY_SIDE) {
      const round = await sendGroup(parts, pipeline, shipments.slice(at, at + SIDE_BY_SIDE), waiting);
      requests += round.requests;
      outdated ||= round.outdated;
    }
  }
}

/** What came of it is written down for all before a failure of one is passed on. */
async function sendGroup(
  parts: Parts,
  pipeline: Pipeline,
  group: readonly RenderedShipment[],
  waiting: Map<number, number>,
): Promise<Pick<Round, 'requests' | 'outdated'>> {
  const tries = await Promise.allSettled(group.map((one) => sendOne(parts, pipeline, one)));
  const done = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  await markSent(
    parts.ledger,
    done.filter((one) => one.kind === 'sent'),
  );
  const outdated = done.filter((one) => one.kind === 'outdated');
  for (const { stored } of outdated) await takeApart(parts.ledger, stored, parts.now());
  for (const one of done) {
    if (one.kind === 'declined') await isolate(parts, pipeline, one);
    if (one.kind === 'waiting') waiting.set(one.id, one.retryAfterMs);
  }
  const requests = done.filter(({ kind }) => kind === 'sent' || kind === 'declined').length;
  if (requests > 0) progressed({ requests });
  const failed = tries.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { requests, outdated: outdated.length > 0 };
}

type Sent =
  | { readonly kind: 'sent'; readonly id: number; readonly receipt: Receipt }
  | { readonly kind: 'declined'; readonly stored: StoredShipment; readonly fault: Fault }
  /** Not sent: an indicator has changed since it was planned. */
  | { readonly kind: 'outdated'; readonly stored: StoredShipment }
  /** Not sent again: it may still be on its way in. */
  | { readonly kind: 'waiting'; readonly id: number; readonly retryAfterMs: number };

/** One whose acknowledgement may have been lost is looked for at the destination before it is sent again. */
async function sendOne(parts: Parts, pipeline: Pipeline, { stored, shipment }: RenderedShipment): Promise<Sent> {
  const { id } = stored;
  const found = await findLost(pipeline, { stored, shipment });
  if (found.kind === 'found') return { kind: 'sent', id, receipt: found.receipt };
  if (found.kind === 'waiting') return { kind: 'waiting', id, retryAfterMs: found.retryAfterMs };
  const planned = new Map(stored.items.map((item) => [item.id, item.plannedHash]));
  if (shipment.items.some((item) => planned.get(item.id) !== item.hash)) return { kind: 'outdated', stored };
  return sendAndTell(parts, pipeline, { stored, shipment });
}

/**
 * Writes down when it leaves and, should no acknowledgement come, how that try has ended. Only what the destination itself has declined
 * counts as not taken in: not what kept it from leaving, and not an answer that did not come.
 */
async function sendAndTell(
  parts: Parts,
  { destination }: Pipeline,
  { stored, shipment }: RenderedShipment,
): Promise<Sent> {
  const left: { at: Date | null } = { at: null };
  const leaving = async (): Promise<void> => {
    const at = parts.now();
    if (!(await markSending(parts.ledger, stored, at))) {
      throw new Fault('Unavailable', 'Another attempt has taken this request up.', { retryAfterMs: BUSY_MS });
    }
    left.at = at;
  };
  try {
    return { kind: 'sent', id: stored.id, receipt: await destination.send(shipment, cancellationSignal(), leaving) };
  } catch (error) {
    if (left.at === null) throw error;
    if (!(error instanceof Fault) || error.kind === 'Unavailable') {
      await markLost(parts.ledger, stored.id, left.at, parts.now());
      throw error;
    }
    await markTurnedAway(parts.ledger, stored, left.at);
    if (error.kind === 'Rejected' || error.kind === 'TooLarge') return { kind: 'declined', stored, fault: error };
    throw error;
  }
}

/** A request that was declined as a whole is halved until the items to blame stand alone. */
async function isolate(
  parts: Parts,
  pipeline: Pipeline,
  { stored, fault }: Extract<Sent, { kind: 'declined' }>,
): Promise<void> {
  if (stored.items.length > 1) {
    await halveShipment(parts.ledger, stored, [parts.newMarker(pipeline.name), parts.newMarker(pipeline.name)]);
    return;
  }
  const rejected = stored.items.map(({ id }) => ({ id, reason: fault.message }));
  const settlement = { shipmentId: stored.id, accepted: [], rejected, unknown: [], note: 'declined' };
  await settleShipments(parts.ledger, [settlement], parts.now());
  parts.telemetry.settled(pipeline.name, { rejected: rejected.length });
}
