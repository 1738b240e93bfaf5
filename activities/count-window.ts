import { cancellationSignal } from '@temporalio/activity';
import { sql } from 'kysely';
import { Fault } from '../indicators/fault.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { noteUnread } from '../ledger/unread-slices.ts';
import type { PlannedWindow } from '../ledger/windows.ts';
import type { Counted } from '../sentinel/sentinel-reader.ts';
import { countTogether } from './count-together.ts';
import type { Parts } from './parts.ts';
import { askForLittle, isLasting, isUnread } from './unread.ts';
import type { WindowRef } from './window-ref.ts';

/**
 * How many rows there are to read, and the source's clock. Rows that the service cannot even count, while it answers something else,
 * are more than nothing: null, for the caller to read them without knowing how many they are.
 */
export async function countWindow(
  parts: Parts,
  { pipeline: name, windowId }: WindowRef,
  window: PlannedWindow,
): Promise<Omit<Counted, 'rows'> & { readonly rows: number | null }> {
  const pipeline = parts.pipeline(name);
  const { reader, source, halveAfterMs } = pipeline;
  const reading = { from: window.readFrom, to: window.to };
  try {
    return await countTogether(parts, pipeline, window, async () => {
      const counted = await reader.count(source, reading, cancellationSignal());
      await mustBeBelieved(parts.ledger, name, counted);
      return counted;
    });
  } catch (error) {
    if (!isUnread(error)) throw error;
    const slice = { ...reading, bucket: 0, buckets: 1 };
    const met = await noteUnread(parts.ledger, { pipeline: name, windowId, slice, reason: error.message }, parts.now());
    if (error.kind !== 'TooLarge' && !isLasting(met, error, parts.now(), halveAfterMs)) throw error;
    const { clock } = await askForLittle(pipeline, reading, cancellationSignal());
    return { rows: null, clock, emptyWorkspace: false };
  }
}

/** A workspace that has had rows is not one that has never had any, whatever it says for a while. */
async function mustBeBelieved(ledger: LedgerDb, pipeline: string, { emptyWorkspace }: Counted): Promise<void> {
  if (!emptyWorkspace) return;
  const { rows } = await sql`select 1 from indicators where pipeline = ${pipeline} limit 1`.execute(ledger);
  if (rows.length === 0) return;
  throw new Fault(
    'Unavailable',
    'The source says that its workspace has no data (204), while rows of it are known. Check workspaceId.',
  );
}
