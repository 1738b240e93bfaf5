import type { Rendered } from '../destinations/destination.ts';
import { adoptFromOthers } from '../ledger/other-pipelines.ts';
import { rejectUnshipped } from '../ledger/reject-unshipped.ts';
import { confirmHeld, unshippedItems, planShipments as write } from '../ledger/shipments.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { refusedItems } from './refused-items.ts';
import { planItems, type RenderedItems, renderItems } from './render-shipments.ts';
import { resolveDoubts, type Unsure } from './resolve-doubts.ts';

/**
 * Plans requests for what the destination does not hold in just this form; what it holds, for this pipeline or for another one, is
 * confirmed without. What cannot be put into its form is rejected, item by item, and so is what an analyst has rejected before, unless the
 * settings have it brought again. Returns how many items have to wait, for another batch
 * or for the destination to say whether it has them.
 */
export async function planShipments(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<number> {
  const { ledger } = parts;
  const { sharing } = pipeline;
  const items = new Map((await unshippedItems(ledger, input.windowId, input.batch)).map((item) => [item.id, item]));
  const { rendered: all, unfit } = await renderItems(parts, pipeline, [...items.values()]);
  const refused = await refusedItems(parts, pipeline, all, items);
  const rendered = all.filter(({ id }) => refused.every((one) => one.id !== id));
  const mayHoldOf = ({ id }: Rendered) => items.get(id)?.mayHold ?? null;
  const isHeldAsKnown = ({ id, hash }: Rendered): boolean => items.get(id)?.heldHash === hash;
  const isHeld = (item: Rendered): boolean => isHeldAsKnown(item) && mayHoldOf(item) === null && !hasTraces(item);
  await confirmHeld(ledger, input.windowId, rendered.filter(isHeld));
  const lacking = rendered.filter((item) => !isHeld(item));
  const adopted = await adoptFromOthers(ledger, input.windowId, lacking, sharing, parts.now());
  const left = lacking.filter(({ id }) => !adopted.has(id));
  const unsure = left.flatMap((item): Unsure[] => {
    const mayHold = mayHoldOf(item);
    return mayHold !== null && (mayHold.hash === item.hash || isHeldAsKnown(item)) ? [{ item, mayHold }] : [];
  });
  const isSure = ({ id }: Rendered): boolean => unsure.every(({ item }) => item.id !== id);
  const asked = await resolveDoubts(parts, pipeline, input, unsure);
  await confirmHeld(
    ledger,
    input.windowId,
    asked.held.filter((item) => !hasTraces(item)),
  );
  const toSend = await renderAnew(parts, pipeline, input, [...asked.toSend, ...asked.held.filter(hasTraces)]);
  const { requests, unfit: unplanned } = planItems(pipeline.destination, [...left.filter(isSure), ...toSend.rendered]);
  const rejected = [...unfit, ...refused, ...asked.refused, ...toSend.unfit, ...unplanned];
  await rejectUnshipped(ledger, input.windowId, rejected, parts.now());
  parts.telemetry.settled(pipeline.name, { rejected: rejected.length });
  const planned = requests.map((part) => ({
    name: parts.newShipmentName(pipeline.name),
    items: part.map(({ id, hash, form, held }) => ({ id, hash, form, held: held ?? null })),
  }));
  return asked.later + (await write(ledger, { ...input, now: parts.now(), sharing }, planned));
}

/** Of another form something may have been done, which is undone by the id that the destination gave. */
function hasTraces({ held }: Rendered): boolean {
  return held !== undefined && held.remoteId !== null && held.maybes.length > 0;
}

/** Items of which it has just come out what the destination holds. */
async function renderAnew(
  parts: Parts,
  pipeline: Pipeline,
  { windowId, batch }: BatchRef,
  items: readonly Rendered[],
): Promise<RenderedItems> {
  if (items.length === 0) return { rendered: [], unfit: [] };
  const ids = new Set(items.map(({ id }) => id));
  const known = await unshippedItems(parts.ledger, windowId, batch);
  return renderItems(
    parts,
    pipeline,
    known.filter(({ id }) => ids.has(id)),
  );
}
