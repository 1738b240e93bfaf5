import { Fault } from '../indicators/fault.ts';
import { type BatchTally, batchTally } from '../ledger/batches.ts';
import { openShipments, type StoredShipment, sentShipments } from '../ledger/shipments.ts';
import { growingWait } from './growing-wait.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { pause } from './pause.ts';
import { fruitlessAttempts } from './progress.ts';
import type { RenderedShipment } from './render-shipments.ts';
import { settleSent } from './settle-sent.ts';

const WAIT_INSIDE_MS = 3 * 60_000;
/** Pauses after which an attempt is given back, about: the next one goes on with pauses as long as that. */
const PAUSES_OF_AN_ATTEMPT = 10;

/**
 * Asks the destination what became of each request, again and again with growing pauses: an import takes seconds or minutes. What takes
 * longer is given back to the engine, which tries again later.
 */
export async function confirmBatch(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<BatchTally> {
  const { waitInsideMs = WAIT_INSIDE_MS } = parts;
  const until = parts.now().getTime() + waitInsideMs;
  const rendered = new Map<number, RenderedShipment>();
  let unfinished = Number.POSITIVE_INFINITY;
  for (let pauses = PAUSES_OF_AN_ATTEMPT * (fruitlessAttempts() - 1) + 1; ; pauses += 1) {
    const sent = await stillSent(parts, input, rendered);
    const { waiting, waitMs } = await settleSent(parts, pipeline, sent, rendered);
    if (waiting === 0) return batchTally(parts.ledger, input.windowId, input.batch);
    // Some have ended: so will others, soon.
    if (waiting < unfinished && unfinished !== Number.POSITIVE_INFINITY) pauses = 1;
    unfinished = waiting;
    const pauseMs = growingWait(waitMs, pauses);
    if (parts.now().getTime() + pauseMs > until || !(await pause(parts, pauseMs))) {
      throw new Fault('Throttled', waitingFor(pipeline.destination.describe, waiting), {
        retryAfterMs: pauseMs,
        isOurs: true,
      });
    }
  }
}

/** Those that are known and not settled, as they were; all are read where there are others. */
async function stillSent(
  { ledger }: Parts,
  { windowId, batch }: BatchRef,
  known: ReadonlyMap<number, RenderedShipment>,
): Promise<readonly StoredShipment[]> {
  const ids = await sentShipments(ledger, windowId, batch);
  const left = [...known.values()].flatMap(({ stored }) => (ids.has(stored.id) ? [stored] : []));
  return left.length === ids.size ? left : openShipments(ledger, windowId, batch, 'sent');
}

function waitingFor(destination: string, requests: number): string {
  return `Waiting for ${destination}: ${requests === 1 ? '1 request is' : `${requests} requests are`} not finished yet.`;
}
