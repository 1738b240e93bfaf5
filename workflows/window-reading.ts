import { condition } from '@temporalio/workflow';
import type { WindowReading } from '../activities/read-window.ts';
import type { Owned, WindowRef } from '../activities/window-ref.ts';
import type { Counts } from '../indicators/counts.ts';
import { halve, sliceName } from '../indicators/slicing.ts';
import type { Slice } from '../indicators/window.ts';
import { type Failed, failedWith } from './failures.ts';
import { runLanes } from './lanes.ts';
import { extract, readWindow } from './proxies.ts';
import { weightier } from './window-state.ts';

/** Queries under way at once for one window; the whole installation has five. */
const SLICES_AT_ONCE = 4;

export type ReadEnd =
  | { readonly kind: 'read'; readonly rows: number }
  /** There was nothing to deliver. */
  | { readonly kind: 'closed'; readonly counts: Counts }
  | { readonly kind: 'failed'; readonly reason: Failed };

/** Reads a window: at once when it is small, else slice by slice; one that is too large for one query is halved. */
export async function readAll(
  ref: Owned<WindowRef>,
  planned: readonly Slice[] | null,
  {
    isOpen,
    onProgress,
  }: {
    readonly isOpen: () => boolean;
    readonly onProgress: (change: { readonly done: number; readonly total: number }) => void;
  },
): Promise<ReadEnd> {
  let reason: Failed | null = null;
  let done = 0;
  /** By slice, since one may be read twice: as its own, and as one that was set aside. */
  const rows = new Map<string, number>();
  try {
    await condition(isOpen);
    const reading = planned === null ? await readNow(ref) : { kind: 'open' as const, slices: planned, rows: 0 };
    if (reading.kind === 'closed') return reading;
    rows.set('', reading.rows ?? 0);
    const waiting: Slice[] = [...reading.slices];
    let total = waiting.length;
    await runLanes({
      width: () => SLICES_AT_ONCE,
      open: isOpen,
      next: () => (reason === null ? waiting.shift() : undefined),
      work: async (slice) => {
        try {
          const name = sliceName(slice);
          const read = await extract.executeWithOptions({ summary: `extract slice ${name}` }, [{ ...ref, slice }]);
          rows.set(name, read.rows);
        } catch (error) {
          const failed = failedWith(error);
          const halves = failed.type === 'TooLarge' ? halve(slice) : null;
          if (halves === null) reason = weightier(reason, failed);
          else {
            waiting.push(...halves);
            total += 2;
          }
        }
        done += 1;
        onProgress({ done, total });
      },
    });
  } catch (error) {
    reason = failedWith(error);
  }
  if (reason !== null) return { kind: 'failed', reason };
  return { kind: 'read', rows: [...rows.values()].reduce((sum, one) => sum + one, 0) };
}

function readNow(ref: Owned<WindowRef>): Promise<WindowReading> {
  return readWindow.executeWithOptions({ summary: 'count the rows; read them at once if they are few' }, [ref]);
}
