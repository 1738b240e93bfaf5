import { cancellationSignal, log } from '@temporalio/activity';
import type { Confirmation } from '../destinations/destination.ts';
import { Fault } from '../indicators/fault.ts';
import type { Telling } from '../indicators/refusal.ts';
import { type Review, type WaitingShipment, waitingForReview, writeReviews } from '../ledger/reviews.ts';
import { pastShipments } from '../ledger/unsure.ts';
import type { Parts, Pipeline } from './parts.ts';
import { progressed } from './progress.ts';
import { tellingOf } from './refused-items.ts';
import { onlyAsked, type RenderedShipment, renderShipments } from './render-shipments.ts';
import { SIDE_BY_SIDE } from './settle-sent.ts';

type Settled = Extract<Confirmation, { kind: 'settled' }>;

/**
 * Asks the destination which of the shipments that wait for a person have been decided about, all at once, and then what became of
 * those. What cannot be found out now holds nothing up, and is asked again by the next run.
 */
export async function followReviews(parts: Parts, pipeline: Pipeline): Promise<void> {
  const { destination, name } = pipeline;
  if (destination.reviewed === undefined) return;
  const waiting = await waitingForReview(parts.ledger, name);
  if (waiting.length === 0) return;
  const [answer] = await Promise.allSettled([destination.reviewed(waiting, cancellationSignal())]);
  if (answer.status === 'rejected') return tell(pipeline, answer.reason);
  const isDecided = new Set(answer.value);
  const decided = waiting.filter(({ shipmentId }) => isDecided.has(shipmentId));
  for (let at = 0; at < decided.length; at += SIDE_BY_SIDE) {
    const failed = await askGroup(parts, pipeline, decided.slice(at, at + SIDE_BY_SIDE));
    if (failed.length === 0) continue;
    tell(pipeline, failed[0]);
    if (failed.length === Math.min(SIDE_BY_SIDE, decided.length - at)) return;
  }
}

/** Returns why it failed for some. */
async function askGroup(
  parts: Parts,
  pipeline: Pipeline,
  group: readonly WaitingShipment[],
): Promise<readonly unknown[]> {
  const { ledger, telemetry } = parts;
  const receipts = new Map(group.map(({ shipmentId, receipt }) => [shipmentId, receipt]));
  const shipments = await renderShipments(parts, pipeline, await pastShipments(ledger, [...receipts.keys()]));
  const asked = await Promise.allSettled(
    shipments.map(({ stored, shipment }) =>
      pipeline.destination.confirm(
        onlyAsked(shipment),
        receipts.get(stored.id) ?? {},
        cancellationSignal(),
        'reviewed',
      ),
    ),
  );
  const settled = shipments.flatMap((one, place) => {
    const answer = asked[place];
    return answer?.status === 'fulfilled' && answer.value.kind === 'settled' ? [{ one, answer: answer.value }] : [];
  });
  const telling = await tellingOf(
    parts,
    pipeline,
    settled.flatMap(({ one, answer }) => rejectedOf(one, answer)),
  );
  const reviews = settled.map(({ one, answer }) => reviewOf(one, answer, telling));
  telemetry.settled(pipeline.name, { rejected: await writeReviews(ledger, reviews, parts.now()) });
  if (reviews.length > 0) progressed({ reviews: reviews.length });
  return asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
}

function rejectedOf({ stored }: RenderedShipment, { rejected }: Settled): RenderedShipment['stored']['items'] {
  const ids = new Set(rejected.map(({ id }) => id));
  return stored.items.filter(({ id }) => ids.has(id));
}

function reviewOf(one: RenderedShipment, answer: Settled, telling: ReadonlyMap<number, Telling>): Review {
  return {
    shipmentId: one.stored.id,
    rejected: answer.rejected.flatMap(({ id, reason }) => {
      const known = telling.get(id);
      return known === undefined ? [] : [{ id, reason, known }];
    }),
    unknown: answer.unknown,
    given: answer.given ?? [],
    waits: answer.awaitsReview === true,
  };
}

/** What is no fault of the outside world is a mistake, or the end of the run: it is thrown. */
function tell({ name }: Pipeline, fault: unknown): void {
  if (!(fault instanceof Fault) || cancellationSignal().aborted) throw fault;
  log.warn(`what analysts have decided is asked again by the next run: ${fault.message}`, { pipeline: name });
}
