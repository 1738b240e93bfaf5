import type { Counts } from '../indicators/counts.ts';
import { Fault } from '../indicators/fault.ts';
import { planSlices } from '../indicators/slicing.ts';
import type { Slice } from '../indicators/window.ts';
import { hasUnsettled } from '../ledger/batches.ts';
import { takeUpUnread } from '../ledger/unread-slices.ts';
import { windowOf } from '../ledger/windows.ts';
import { closeWindow } from './close-window.ts';
import { countedInPart } from './count-together.ts';
import { countWindow } from './count-window.ts';
import { extract } from './extract.ts';
import type { Parts } from './parts.ts';
import { settledEnd } from './settled-window.ts';
import { takeUp } from './take-up.ts';
import type { WindowRef } from './window-ref.ts';

export type WindowReading =
  /** It had nothing to deliver, and is closed. */
  | { readonly kind: 'closed'; readonly counts: Counts }
  /** These slices are left to extract; none when it was small and something of it has to be done. `rows`: those that were read at once. */
  | { readonly kind: 'open'; readonly slices: readonly Slice[]; readonly rows?: number };

/**
 * Counts what a window has to read, as far as it is settled by the source's clock, and plans its slices; a live one has those besides
 * that were set aside and are due. A small window, as most live ones are, is read at once, and closed when nothing of it has to be
 * delivered: a quiet quarter of an hour then costs one step, not four.
 */
export async function readWindow(parts: Parts, input: WindowRef): Promise<WindowReading> {
  const pipeline = parts.pipeline(input.pipeline);
  const window = await windowOf(parts.ledger, input.windowId);
  const { rows, clock, emptyWorkspace } = await countWindow(parts, input, window);
  const reading = { from: window.readFrom, to: await settledEnd(parts, pipeline, window, clock) };
  if (reading.to !== window.to && rows !== null && !emptyWorkspace)
    await countedInPart(parts, pipeline, reading, { rows, clock });
  const own = planSlices(reading, rows ?? 1, { targetRows: pipeline.sliceRows });
  const slices = [...own, ...(await takeUpUnread(parts.ledger, input.windowId, parts.now()))];
  const [only, ...others] = slices;
  if (others.length > 0) return { kind: 'open', slices };
  const read = only === undefined ? 0 : await extracted(parts, input, only);
  if (read === null) return { kind: 'open', slices };
  await takeUp(parts, input);
  if (await hasUnsettled(parts.ledger, input.windowId)) return { kind: 'open', slices: [], rows: read };
  return { kind: 'closed', counts: await closeWindow(parts, { ...input, failure: null }) };
}

/** Its rows, if it could be read at once. What hinders it, the step of the slice deals with: the count is not asked for again. */
async function extracted(parts: Parts, input: WindowRef, slice: Slice): Promise<number | null> {
  try {
    return (await extract(parts, { ...input, slice })).rows;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
