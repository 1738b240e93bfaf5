import { renderItems } from '../delivery/render-shipments.ts';
import { batchesOf, openBatches } from '../ledger/batches.ts';
import type { Gathering } from '../ledger/gathered.ts';
import { orderItems, writeSortKeys } from '../ledger/order-batches.ts';
import { settleHeld } from '../ledger/retractions.ts';
import { unshippedItems } from '../ledger/shipments.ts';
import { kindOf } from '../ledger/windows.ts';
import type { FormedBatches, FormInput } from './form-batches.ts';
import type { Parts, Pipeline } from './parts.ts';

/** Items that are held in memory at once. */
const PAGE = 2_000;

/**
 * Settles what of a scored window needs no delivery, and puts the rest into batches by the destination's key, so that requests are full
 * over the whole window; says which of them need work.
 */
export async function orderBatches(parts: Parts, input: FormInput): Promise<FormedBatches> {
  const { ledger } = parts;
  const { windowId, after, limit } = input;
  const pipeline = parts.pipeline(input.pipeline);
  await settleHeld(ledger, windowId, pipeline.retractBelow);
  for (let last: number | undefined = 0; last !== undefined; ) {
    last = await keyPage(parts, pipeline, windowId, last);
  }
  await orderItems(ledger, {
    pipeline: pipeline.name,
    windowId,
    size: pipeline.batchSize,
    gathering: await gatheringOf(parts, pipeline, windowId),
    now: parts.now(),
  });
  const batches = await batchesOf(ledger, windowId);
  return { batches, open: await openBatches(ledger, windowId, after, limit), lanes: pipeline.lanes };
}

/** Returns the last item that it has seen; nothing when there was none. What cannot be rendered is found out by its batch. */
async function keyPage(parts: Parts, pipeline: Pipeline, windowId: number, after: number): Promise<number | undefined> {
  const items = await unshippedItems(parts.ledger, windowId, { after, limit: PAGE });
  const { rendered, unfit } = await renderItems(parts, pipeline, items);
  const keys = [
    ...rendered.map(({ id, batchKey }) => ({ id, key: batchKey })),
    ...unfit.map(({ id }) => ({ id, key: '' })),
  ];
  await writeSortKeys(parts.ledger, windowId, keys);
  return items.at(-1)?.id;
}

/** Only what comes in now waits for more of its kind: of history all is there. */
async function gatheringOf(
  { ledger }: Parts,
  { gatherMs, batchSize, destination }: Pipeline,
  windowId: number,
): Promise<Gathering | null> {
  if (gatherMs === 0 || (await kindOf(ledger, windowId)) !== 'live') return null;
  return { load: destination.fullLoad ?? batchSize, forMs: gatherMs };
}
