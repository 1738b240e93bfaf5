import { rowLength } from '../indicators/row-lengths.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import type { Slice } from '../indicators/window.ts';
import { keepRows, keptRows, rowsTaken } from '../ledger/kept-answers.ts';
import { windowOf } from '../ledger/windows.ts';
import type { ReadResult } from '../sentinel/sentinel-reader.ts';
import { askOnce } from './ask-once.ts';
import type { Parts } from './parts.ts';
import { readingKey } from './reading-key.ts';
import type { WindowRef } from './window-ref.ts';

/** So much text is written down at once. */
const PART = 1_048_576;

type SliceRef = WindowRef & { readonly slice: Slice };

/**
 * Reads a slice of a window, or takes the rows that another pipeline was given for the same slice. They are kept until all have them that
 * are going to read it, for hours at most.
 */
export async function readTogether(
  parts: Parts,
  { pipeline: name, windowId, slice }: SliceRef,
  ask: () => Promise<ReadResult | null>,
): Promise<ReadResult | null> {
  const { ledger } = parts;
  const pipeline = parts.pipeline(name);
  if (pipeline.readsWith.length === 0) return ask();
  const { readFrom, to } = await windowOf(ledger, windowId);
  // One that an earlier window has set aside is this pipeline's own trouble.
  if (slice.from < readFrom || slice.to > to) return ask();
  const question = { source: readingKey(pipeline), of: slice };
  return askOnce<ReadResult | null>(
    parts,
    pipeline,
    { windowId, question },
    {
      ask,
      async keep(read, by, wantedBy) {
        if (read === null) return false;
        const { parts: kept, size } = inParts(read.rows);
        await keepRows(ledger, question, by, { malformed: read.malformed, parts: kept, size, wantedBy });
        return true;
      },
      async use({ id, answer }) {
        const rows = await keptRows(ledger, id);
        return rows === null || !('malformed' in answer) ? null : { rows, malformed: answer.malformed };
      },
    },
  );
}

/** The slice is recorded: its rows need not be kept for this pipeline any more. */
export async function takenTogether(parts: Parts, { pipeline: name, slice }: SliceRef): Promise<void> {
  const pipeline = parts.pipeline(name);
  if (pipeline.readsWith.length === 0) return;
  await rowsTaken(parts.ledger, { source: readingKey(pipeline), of: slice }, name);
}

function inParts(rows: readonly SourceRow[]): {
  readonly parts: readonly (readonly SourceRow[])[];
  readonly size: number;
} {
  const parts: SourceRow[][] = [];
  let size = 0;
  let room = 0;
  for (const row of rows) {
    const length = rowLength(row);
    size += length;
    if (parts.length === 0 || room < length) {
      parts.push([]);
      room = PART;
    }
    room -= length;
    parts.at(-1)?.push(row);
  }
  return { parts, size };
}
