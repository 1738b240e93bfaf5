import { cancellationSignal } from '@temporalio/activity';
import { Fault } from '../indicators/fault.ts';
import { halve } from '../indicators/slicing.ts';
import type { Slice } from '../indicators/window.ts';
import { forgetUnread, noteUnread, setSliceAside } from '../ledger/unread-slices.ts';
import type { ReadResult } from '../sentinel/sentinel-reader.ts';
import type { Parts, Pipeline } from './parts.ts';
import { readTogether } from './read-together.ts';
import { askForLittle, believable, dueAgain, isLasting, isUnread } from './unread.ts';
import type { WindowRef } from './window-ref.ts';

const NOTHING: ReadResult = { rows: [], malformed: [] };

/** Reads a slice, whole, or takes it from another pipeline that has read the same. One that was set aside: null. */
export function readSlice(parts: Parts, input: WindowRef & { readonly slice: Slice }): Promise<ReadResult | null> {
  return readTogether(parts, input, () => readAlone(parts, input));
}

/**
 * One that the service does not give is asked for again, for as long as the service gives nothing else either;
 * then it is `TooLarge`, for the caller to halve. What cannot be halved is set aside, for a later window to read: null.
 */
async function readAlone(
  parts: Parts,
  { pipeline: name, windowId, slice }: WindowRef & { readonly slice: Slice },
): Promise<ReadResult | null> {
  const pipeline = parts.pipeline(name);
  try {
    return await readWhole(pipeline, slice);
  } catch (error) {
    if (!isUnread(error)) throw error;
    const unread = { pipeline: name, slice };
    const met = await noteUnread(parts.ledger, { ...unread, windowId, reason: error.message }, parts.now());
    if (!met.isSetAside) {
      const lasting = isLasting(met, error, parts.now(), pipeline.halveAfterMs);
      if (error.kind !== 'TooLarge' && !lasting) throw error;
      const rows = await rowsOf(pipeline, slice);
      if (rows === 0) return NOTHING;
      if (rows !== 1 && halve(slice) !== null) {
        await forgetUnread(parts.ledger, unread);
        throw new Fault('TooLarge', error.message);
      }
      if (!lasting) throw new Fault('Unavailable', error.message);
    }
    await setSliceAside(parts.ledger, unread, dueAgain(met, parts.now()));
    return null;
  }
}

/** A slice without a row is believed when its count says the same, for another reason than that the workspace has no data. */
async function readWhole({ reader, source }: Pipeline, slice: Slice): Promise<ReadResult> {
  const read = await reader.read(source, slice, cancellationSignal());
  if (read.rows.length + read.malformed.length > 0) return read;
  const { rows } = believable(await reader.count(source, slice, cancellationSignal()));
  if (rows === 0) return read;
  throw new Fault('Unavailable', `The source answered no row of a slice in which it counts ${rows}.`);
}

/** How many rows there are to read; null when the service does not give the count either, while it answers something else. */
async function rowsOf(pipeline: Pipeline, slice: Slice): Promise<number | null> {
  try {
    return believable(await pipeline.reader.count(pipeline.source, slice, cancellationSignal())).rows;
  } catch (error) {
    if (!isUnread(error)) throw error;
    await askForLittle(pipeline, slice, cancellationSignal());
    return null;
  }
}
