import { setImmediate } from 'node:timers/promises';
import { NO_ROWS, type SliceCounts } from '../indicators/counts.ts';
import { Fault } from '../indicators/fault.ts';
import type { Observation } from '../indicators/indicator.ts';
import { observeRow } from '../indicators/observe-row.ts';
import { rowLength } from '../indicators/row-lengths.ts';
import { sliceName } from '../indicators/slicing.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import { excerpt } from '../indicators/storable-text.ts';
import type { Slice } from '../indicators/window.ts';
import { recordedCounts, recordSlice } from '../ledger/record-slice.ts';
import { slicesRead } from '../ledger/unread-slices.ts';
import type { Parts } from './parts.ts';
import { readSlice } from './read-slice.ts';
import { takenTogether } from './read-together.ts';
import type { WindowRef } from './window-ref.ts';

export interface ExtractInput extends WindowRef {
  readonly slice: Slice;
}

/** Quarantine shows the raw text, but not a whole document. */
const EXCERPT = 500;

/** So many characters are read before others have the thread: heartbeats among them, without which another worker takes the slice. */
const AT_A_TIME = 262_144;
/** A pattern can name tens of thousands, and one takes many times its length in memory; no pattern by itself names so many. */
const MOST_OBSERVATIONS = 100_000;

/** Reads one slice and writes it into the ledger, whole or not at all. One that was set aside gives no rows. */
export async function extract(parts: Parts, input: ExtractInput): Promise<SliceCounts> {
  const recorded = await recordedCounts(parts.ledger, input.windowId, sliceName(input.slice));
  const counts = recorded ?? (await readAndRecord(parts, input));
  if (counts === null) return NO_ROWS;
  await slicesRead(parts.ledger, input);
  await takenTogether(parts, input);
  return counts;
}

async function readAndRecord(parts: Parts, input: ExtractInput): Promise<SliceCounts | null> {
  const pipeline = parts.pipeline(input.pipeline);
  const read = await readSlice(parts, input);
  if (read === null) return null;
  const observations: Observation[] = [];
  const malformed = [...read.malformed];
  const now = parts.now();
  let volume = 0;
  for (const row of read.rows) {
    volume += rowLength(row);
    if (volume > AT_A_TIME) {
      volume = 0;
      await setImmediate();
    }
    const result = observeRow(row, pipeline.exclude, now);
    if (result.kind === 'observations') observations.push(...result.observations);
    else malformed.push({ sourceId: row.id, reason: result.reason, excerpt: excerptOf(row) });
    if (observations.length > MOST_OBSERVATIONS) {
      throw new Fault(
        'TooLarge',
        `The rows of a slice name more than ${MOST_OBSERVATIONS} indicators: fewer are taken at once.`,
      );
    }
  }
  const counts = await recordSlice(parts.ledger, {
    pipeline: input.pipeline,
    windowId: input.windowId,
    slice: sliceName(input.slice),
    observations,
    malformed,
    exclude: pipeline.exclude,
    entryBehind: pipeline.entryBehind,
    now,
  });
  parts.telemetry.extracted(input.pipeline, counts);
  return counts;
}

function excerptOf(row: SourceRow): string {
  const { observableKey, observableValue, pattern, timeGenerated } = row;
  return excerpt(JSON.stringify({ observableKey, observableValue, pattern, timeGenerated }), EXCERPT);
}
