import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Deliverable, Rendered, Shipment } from '../destinations/destination.ts';
import { hostToLookUp } from '../indicators/decide.ts';
import { Fault } from '../indicators/fault.ts';
import type { Verdict } from '../indicators/reputation.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { knownReputations } from '../ledger/reputations.ts';
import { markRetracted, settleUndelivered } from '../ledger/retractions.ts';
import {
  confirmHeld,
  type DeliverItem,
  halveShipment,
  markSending,
  markSent,
  openShipments,
  planShipments,
  type StoredShipment,
  settleShipment,
  unshippedItems,
} from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';
import type { BatchRef } from './score.ts';

export interface Delivered extends BatchTally {
  /** Requests that this attempt sent. */
  readonly requests: number;
}

/** An indicator that another batch is on its way with is tried again after this. */
const BUSY_MS = 2_000;

/**
 * Sends what the destination does not hold in just this form, and withdraws what it must give up. Each request is written
 * down before it is sent: one whose acknowledgement was lost is looked for at the destination before it is sent again.
 */
export async function deliver(parts: Parts, input: BatchRef): Promise<Delivered> {
  const pipeline = parts.pipeline(input.pipeline);
  const { retract, busy: retractLater } = await settleUndelivered(
    parts.ledger,
    input.windowId,
    input.batch,
    pipeline.retractBelow,
  );
  await retractAll(parts, pipeline, input, retract);
  const shipLater = await planAll(parts, pipeline, input);
  const requests = await sendAll(parts, pipeline, input);
  const busy = retractLater + shipLater;
  if (busy > 0) {
    throw new Fault('Throttled', `${busy} indicators are on their way with another batch.`, { retryAfterMs: BUSY_MS });
  }
  return { requests, ...(await batchTally(parts.ledger, input.windowId, input.batch)) };
}

async function retractAll(
  parts: Parts,
  pipeline: Pipeline,
  input: BatchRef,
  items: Awaited<ReturnType<typeof settleUndelivered>>['retract'],
): Promise<void> {
  if (items.length === 0) return;
  const { retracted, missing } = await pipeline.destination.retract(items, cancellationSignal());
  await markRetracted(parts.ledger, input.windowId, [...retracted, ...missing], parts.now());
}

/** Returns how many items have to wait for another batch. */
async function planAll(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<number> {
  const items = await unshippedItems(parts.ledger, input.windowId, input.batch);
  const rendered = await render(parts, pipeline, items);
  const heldHash = new Map(items.map(({ id, heldHash: hash }) => [id, hash]));
  const held = rendered.filter(({ id, hash }) => heldHash.get(id) === hash);
  await confirmHeld(parts.ledger, input.windowId, held);
  const planned = pipeline.destination
    .plan(rendered.filter(({ id, hash }) => heldHash.get(id) !== hash))
    .map((part) => ({ marker: parts.newMarker(pipeline.name), items: part }));
  return planShipments(parts.ledger, { ...input, now: parts.now() }, planned);
}

/** Sends planned shipments one after the other: batches run side by side, so a batch has no need to. */
async function sendAll(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<number> {
  let requests = 0;
  let planned = await openShipments(parts.ledger, input.windowId, input.batch, 'planned');
  while (planned.length > 0) {
    for (const stored of planned) {
      const shipment = { marker: stored.marker, items: await render(parts, pipeline, stored.items) };
      requests += await sendOne(parts, pipeline, stored, shipment);
      heartbeat({ requests });
    }
    // Shipments that were halved on the way have put new ones in their place.
    planned = await openShipments(parts.ledger, input.windowId, input.batch, 'planned');
  }
  return requests;
}

async function sendOne(parts: Parts, pipeline: Pipeline, stored: StoredShipment, shipment: Shipment): Promise<number> {
  const { destination } = pipeline;
  if (stored.sentAfter !== null) {
    const receipt = await destination.find(shipment, stored.sentAfter, cancellationSignal());
    if (receipt !== null) {
      await markSent(parts.ledger, stored.id, receipt, parts.now());
      return 0;
    }
  }
  await markSending(parts.ledger, stored.id, parts.now());
  try {
    const receipt = await destination.send(shipment, cancellationSignal());
    await markSent(parts.ledger, stored.id, receipt, parts.now());
  } catch (error) {
    if (!(error instanceof Fault) || (error.kind !== 'Rejected' && error.kind !== 'TooLarge')) throw error;
    await isolate(parts, pipeline, stored, error);
  }
  return 1;
}

/** A request that was declined as a whole is halved until the items to blame stand alone. */
async function isolate(parts: Parts, pipeline: Pipeline, stored: StoredShipment, fault: Fault): Promise<void> {
  if (stored.items.length > 1) {
    await halveShipment(parts.ledger, stored, [parts.newMarker(pipeline.name), parts.newMarker(pipeline.name)]);
    return;
  }
  const rejected = stored.items.map(({ id }) => ({ id, reason: fault.message }));
  await settleShipment(parts.ledger, stored.id, { accepted: [], rejected, note: 'declined' }, parts.now());
}

export async function render(parts: Parts, pipeline: Pipeline, items: readonly DeliverItem[]): Promise<Rendered[]> {
  const hostOf = new Map(items.map(({ id, indicator }) => [id, hostToLookUp(indicator, pipeline.policy)]));
  const hosts = [...new Set([...hostOf.values()].flatMap((host) => host ?? []))];
  const known = await knownReputations(parts.ledger, hosts, null);
  return items.map(({ id, indicator }) => {
    const host = hostOf.get(id) ?? null;
    const verdict: Verdict = host === null ? { kind: 'not-a-host' } : (known.get(host) ?? { kind: 'none' });
    return pipeline.destination.render({ id, indicator, verdict } satisfies Deliverable);
  });
}
