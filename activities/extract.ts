import { cancellationSignal } from '@temporalio/activity';
import type { SliceCounts } from '../indicators/counts.ts';
import { Fault } from '../indicators/fault.ts';
import type { Observation } from '../indicators/indicator.ts';
import { observeRow } from '../indicators/observe-row.ts';
import { sliceName } from '../indicators/slicing.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import { excerpt } from '../indicators/storable-text.ts';
import type { Slice } from '../indicators/window.ts';
import { recordedCounts, recordSlice } from '../ledger/record-slice.ts';
import type { ReadResult } from '../sentinel/sentinel-reader.ts';
import type { Parts, Pipeline } from './parts.ts';
import type { WindowRef } from './window-ref.ts';

export interface ExtractInput extends WindowRef {
  readonly slice: Slice;
}

/** Quarantine shows the raw text, but not a whole document. */
const EXCERPT = 500;

/** Reads one slice and writes it into the ledger, whole or not at all. */
export async function extract(parts: Parts, input: ExtractInput): Promise<SliceCounts> {
  const pipeline = parts.pipeline(input.pipeline);
  const name = sliceName(input.slice);
  const recorded = await recordedCounts(parts.ledger, input.windowId, name);
  if (recorded !== null) return recorded;
  const read = await readSlice(pipeline, input.slice);
  const observations: Observation[] = [];
  const malformed = [...read.malformed];
  const now = parts.now();
  for (const row of read.rows) {
    const result = observeRow(row, pipeline.exclude, now);
    if (result.kind === 'observations') observations.push(...result.observations);
    else malformed.push({ sourceId: row.id, reason: result.reason, excerpt: excerptOf(row) });
  }
  const counts = await recordSlice(parts.ledger, {
    pipeline: input.pipeline,
    windowId: input.windowId,
    slice: name,
    observations,
    malformed,
    exclude: pipeline.exclude,
    now,
  });
  parts.telemetry.extracted(input.pipeline, counts);
  return counts;
}

/** One row that is too large for an answer all by itself is set aside; several are left to the caller, who halves the slice. */
async function readSlice({ reader, source }: Pipeline, slice: Slice): Promise<ReadResult> {
  try {
    return await reader.read(source, slice, cancellationSignal());
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'TooLarge') throw error;
    if ((await reader.count(source, slice, cancellationSignal())) > 1) throw error;
    const reason = `the row alone is too large to be read (${error.message})`;
    return { rows: [], malformed: [{ sourceId: null, reason, excerpt: `slice ${sliceName(slice)}` }] };
  }
}

function excerptOf(row: SourceRow): string {
  const { observableKey, observableValue, pattern, timeGenerated } = row;
  return excerpt(JSON.stringify({ observableKey, observableValue, pattern, timeGenerated }), EXCERPT);
}
