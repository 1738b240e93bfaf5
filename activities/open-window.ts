import { cancellationSignal } from '@temporalio/activity';
import { planSlices } from '../indicators/slicing.ts';
import type { Slice } from '../indicators/window.ts';
import { windowOf } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';

export interface WindowRef {
  readonly pipeline: string;
  readonly windowId: number;
}

export interface OpenedWindow {
  /** Rows at the source before they are reduced. */
  readonly sourceRows: number;
  readonly slices: readonly Slice[];
}

/** Counts what a window has to read and plans its slices. */
export async function openWindow(parts: Parts, input: WindowRef): Promise<OpenedWindow> {
  const pipeline = parts.pipeline(input.pipeline);
  const window = await windowOf(parts.ledger, input.windowId);
  const reading = { from: window.readFrom, to: window.to };
  const sourceRows = await pipeline.reader.count(pipeline.source, reading, cancellationSignal());
  return { sourceRows, slices: planSlices(reading, sourceRows, { targetRows: pipeline.sliceRows }) };
}
