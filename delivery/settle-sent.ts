import { cancellationSignal } from '@temporalio/activity';
import { Fault } from '../indicators/fault.ts';
import { type Failing, failingOf, forgetFailures, noteFailures } from '../ledger/failing.ts';
import { type Settlement, settleShipments } from '../ledger/shipment-steps.ts';
import type { StoredReceipt, StoredShipment } from '../ledger/shipments.ts';
import type { Parts, Pipeline } from './parts.ts';
import { answers, isHopeless } from './patience.ts';
import { progressed } from './progress.ts';
import { rejectionsOf } from './refused-items.ts';
import { type RenderedShipment, renderShipments } from './render-shipments.ts';
import { setShipmentsAside } from './set-shipments-aside.ts';

/** Requests of one batch under way at once; the pace of the API is kept elsewhere. */
export const SIDE_BY_SIDE = 8;

/**
 * Asks the destination once what became of each request, and writes down what it knows. Returns how many requests it has not finished
 * with, and in how many milliseconds to ask again. A question that fails does not keep the others, unless all do that are asked side
 * by side; it is passed on once they have been asked. What `rendered` has is not put into the destination's form again, and the rest is
 * added to it.
 */
export async function settleSent(
  parts: Parts,
  pipeline: Pipeline,
  sent: readonly StoredShipment[],
  rendered: Map<number, RenderedShipment> = new Map(),
): Promise<{ readonly waiting: number; readonly waitMs: number }> {
  const begun = parts.now();
  const failing = await failingOf(
    parts.ledger,
    'ask',
    sent.map(({ id }) => id),
  );
  const hopeless = await hopelessOf(parts, pipeline, sent, failing);
  const asking = sent.filter((one) => !hopeless.includes(one));
  let waitMs = 0;
  let waiting = 0;
  const failed: { readonly id: number; readonly fault: unknown }[] = [];
  const fresh = await renderShipments(
    parts,
    pipeline,
    asking.filter(({ id }) => !rendered.has(id)),
  );
  for (const one of fresh) rendered.set(one.stored.id, one);
  const shipments = asking
    .flatMap(({ id }) => rendered.get(id) ?? [])
    .toSorted((a, b) => triesOf(failing, a.stored) - triesOf(failing, b.stored));
  for (let at = 0; at < shipments.length; at += SIDE_BY_SIDE) {
    const group = shipments.slice(at, at + SIDE_BY_SIDE);
    const asked = await Promise.allSettled(
      group.map(({ stored, shipment }) =>
        pipeline.destination.confirm(shipment, receiptOf(stored), cancellationSignal()),
      ),
    );
    const settled: Settlement[] = [];
    for (const [place, { stored }] of group.entries()) {
      const one = asked[place];
      if (one?.status === 'rejected') failed.push({ id: stored.id, fault: one.reason });
      else if (one?.value.kind === 'settled') {
        const rejected = await rejectionsOf(parts, pipeline, stored, one.value.rejected);
        settled.push({ shipmentId: stored.id, ...one.value, rejected });
      } else if (one !== undefined) {
        waiting += 1;
        waitMs = Math.max(waitMs, one.value.retryAfterMs);
      }
    }
    await settle(parts, pipeline, settled);
    if (asked.every(({ status }) => status === 'rejected')) break;
  }
  const [worst] = failed;
  if (worst !== undefined) {
    const byThemselves = failed.filter(({ fault }) => fault instanceof Fault && fault.kind === 'Unavailable');
    if (failed.length < sent.length || (await answers(parts, pipeline))) {
      await noteFailures(
        parts.ledger,
        'ask',
        byThemselves.map(({ id }) => id),
        begun,
      );
    }
    throw worst.fault;
  }
  return { waiting, waitMs };
}

/** Why the items of such a request are on the list. */
export const UNANSWERED = 'the destination does not say what became of its request, though it answers other questions';

/** Nobody will say what became of these: their items are set aside. */
async function hopelessOf(
  parts: Parts,
  pipeline: Pipeline,
  sent: readonly StoredShipment[],
  failing: ReadonlyMap<number, Failing>,
): Promise<readonly StoredShipment[]> {
  const hopeless = sent.filter(({ id }) => isHopeless(failing.get(id), parts.now(), parts.now(), false));
  if (hopeless.length === 0 || !(await answers(parts, pipeline))) return [];
  await setShipmentsAside(parts, hopeless, UNANSWERED);
  progressed({ settled: hopeless.length });
  await forgetFailures(
    parts.ledger,
    'ask',
    hopeless.map(({ id }) => id),
  );
  return hopeless;
}

async function settle(parts: Parts, { name }: Pipeline, settled: readonly Settlement[]): Promise<void> {
  await settleShipments(parts.ledger, settled, parts.now());
  parts.telemetry.settled(name, {
    confirmed: settled.reduce((sum, { accepted }) => sum + accepted.length, 0),
    rejected: settled.reduce((sum, { rejected }) => sum + rejected.length, 0),
  });
  if (settled.length > 0) progressed({ settled: settled.length });
}

function triesOf(failing: ReadonlyMap<number, Failing>, { id }: StoredShipment): number {
  return failing.get(id)?.tries ?? 0;
}

function receiptOf({ receipt }: StoredShipment): StoredReceipt {
  if (receipt === null) throw new Error('A shipment that was sent has a receipt.');
  return receipt;
}
