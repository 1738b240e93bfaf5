import { cancellationSignal } from '@temporalio/activity';
import type { SliceCounts } from '../indicators/counts.ts';
import type { Observation } from '../indicators/indicator.ts';
import { readRow } from '../indicators/read-row.ts';
import { sliceName } from '../indicators/slicing.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import type { Slice } from '../indicators/window.ts';
import { recordSlice } from '../ledger/record-slice.ts';
import type { WindowRef } from './open-window.ts';
import type { Parts } from './parts.ts';

export interface ExtractInput extends WindowRef {
  readonly slice: Slice;
}

/** Quarantine shows the raw text, but not a whole document. */
const EXCERPT = 500;

/** Reads one slice and writes it into the ledger, whole or not at all. */
export async function extract(parts: Parts, input: ExtractInput): Promise<SliceCounts> {
  const pipeline = parts.pipeline(input.pipeline);
  const read = await pipeline.reader.read(pipeline.source, input.slice, cancellationSignal());
  const observations: Observation[] = [];
  const malformed = [...read.malformed];
  for (const row of read.rows) {
    const result = readRow(row);
    if (result.kind === 'observations') observations.push(...result.observations);
    else malformed.push({ sourceId: row.id, reason: result.reason, excerpt: excerptOf(row) });
  }
  return recordSlice(parts.ledger, {
    pipeline: input.pipeline,
    windowId: input.windowId,
    slice: sliceName(input.slice),
    observations,
    malformed,
    exclude: pipeline.exclude,
    now: parts.now(),
  });
}

function excerptOf(row: SourceRow): string {
  const { observableKey, observableValue, pattern, timeGenerated } = row;
  return JSON.stringify({ observableKey, observableValue, pattern, timeGenerated }).slice(0, EXCERPT);
}
