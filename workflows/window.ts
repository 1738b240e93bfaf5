import {
  allHandlersFinished,
  condition,
  continueAsNew,
  executeChild,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { WindowReading } from '../activities/read-window.ts';
import type { Owned, Owner, WindowRef } from '../activities/window-ref.ts';
import { type Counts, NOTHING } from '../indicators/counts.ts';
import { halve, sliceName } from '../indicators/slicing.ts';
import type { Slice, Window } from '../indicators/window.ts';
import { batch } from './batch.ts';
import { blocks, type Failed, failedWith, failure, TAKEN } from './failures.ts';
import { type Progress, progressQuery, type Steering, steerSignal } from './handles.ts';
import { runLanes } from './lanes.ts';
import { batchWorkflowId } from './names.ts';
import { closeWindow, extract, formBatches, readWindow } from './proxies.ts';
import { MdtiDelivered, MdtiPipeline, MdtiRejected, MdtiWindowFrom, MdtiWindowTo } from './search-attributes.ts';

export interface WindowInput extends Window {
  readonly pipeline: string;
  readonly windowId: number;
  readonly owner: Owner;
  readonly steering: Steering;
  /** A pause holds the reading, too; not so in a window that a run of an older build has started. */
  readonly pauseHoldsReading?: true;
  /** What is left to extract, when whoever planned it has read it. */
  readonly slices?: readonly Slice[];
  /** Rows that whoever planned it has read. */
  readonly rows?: number;
  /** Set when the run before has extracted everything and handled the batches up to this one. */
  readonly carried?: Carried;
}

interface Carried {
  readonly after: number;
  readonly failed: number;
  readonly firstFailure: Failed | null;
  /** What was read; a run of an earlier release does not say it. */
  readonly rows?: number;
}

/** Failures of a batch after which the others are not begun. */
const STOPS: ReadonlySet<string> = new Set(['Refused', TAKEN]);
/** Queries under way at once for one window; the whole installation has five. */
const SLICES_AT_ONCE = 4;
/** Children of one run: far below what a history can hold. */
const BATCHES_A_RUN = 400;

/** Reads one window of ingestion time, runs a batch for each thousand that need work, and closes the window. */
export async function window(input: WindowInput): Promise<Counts> {
  const { pipeline, windowId, owner, from } = input;
  const ref = { pipeline, windowId, owner, from };
  let steering = input.steering;
  let lanes = 1;
  let step = 'planning';
  let done = 0;
  let total = 0;
  let counts: Counts = NOTHING;
  let {
    after,
    failed,
    firstFailure,
    rows = 0,
  }: Carried = input.carried ?? {
    after: 0,
    failed: 0,
    firstFailure: null,
    rows: input.rows ?? 0,
  };
  const children = new Set<string>();

  setHandler(steerSignal, (wish) => {
    steering = wish;
  });
  setHandler(
    progressQuery,
    (): Progress => ({
      state: steering.paused ? 'paused' : 'running',
      blocked: null,
      warning: null,
      step,
      done,
      total,
      counts,
      expectedEnd: null,
      children: [...children],
    }),
  );

  const fail = async (reason: Failed): Promise<never> => {
    if (reason.type === TAKEN) throw failure(reason);
    await closeWindow.executeWithOptions({ summary: 'leave the window open' }, [{ ...ref, failure: reason.message }]);
    throw failure(reason);
  };

  if (input.carried === undefined) {
    step = 'reading';
    const read = await readAll(ref, input.slices ?? null, {
      isOpen: () => !steering.paused || input.pauseHoldsReading === undefined,
      onProgress: (change) => {
        done = change.done;
        total = change.total;
      },
    });
    if (read.kind === 'failed') return fail(read.reason);
    if (read.kind === 'closed') return read.counts;
    rows += read.rows;
  }

  step = 'delivering';
  done = 0;
  total = 0;
  const formed = await formBatches.executeWithOptions({ summary: 'form batches' }, [
    { ...ref, after, limit: BATCHES_A_RUN },
  ]);
  lanes = formed.lanes;
  done = formed.batches - formed.open.length;
  total = formed.batches;
  const waiting = [...formed.open];
  const isStopped = (): boolean => firstFailure !== null && STOPS.has(firstFailure.type);
  const mayGoOn = (): boolean => !isStopped() && !workflowInfo().continueAsNewSuggested;
  await runLanes({
    width: () => steering.lanes ?? lanes,
    open: () => !steering.paused,
    next: () => (mayGoOn() ? waiting.shift() : undefined),
    work: async ({ batch: number, items }) => {
      const workflowId = batchWorkflowId(workflowInfo().workflowId, number);
      children.add(workflowId);
      try {
        const tally = await executeChild(batch, {
          workflowId,
          args: [{ ...ref, batch: number, items }],
          staticSummary: `batch ${number} of ${total}: ${items.toLocaleString('en')} indicators`,
          typedSearchAttributes: [{ key: MdtiPipeline, value: pipeline }],
        });
        counts = {
          ...counts,
          confirmed: counts.confirmed + tally.confirmed,
          rejected: counts.rejected + tally.rejected,
          held: counts.held + tally.hold,
        };
      } catch (error) {
        failed += 1;
        firstFailure = weightier(firstFailure, failedWith(error));
      }
      children.delete(workflowId);
      after = Math.max(after, number);
      done += 1;
    },
  });
  if (!isStopped() && (waiting.length > 0 || formed.open.length === BATCHES_A_RUN)) {
    await condition(allHandlersFinished);
    after = waiting[0] === undefined ? after : waiting[0].batch - 1;
    return continueAsNew<typeof window>({ ...input, steering, carried: { after, failed, firstFailure, rows } });
  }
  if (firstFailure !== null) {
    const several = failed > 1 ? `${failed} batches failed; the first: ` : '';
    return fail({ type: firstFailure.type, message: `${several}${firstFailure.message}` });
  }

  step = 'closing';
  counts = await closeWindow.executeWithOptions({ summary: 'check the sums and close' }, [
    { ...ref, failure: null, read: { rows, by: owner } },
  ]);
  upsertSearchAttributes([
    { key: MdtiDelivered, value: counts.confirmed },
    { key: MdtiRejected, value: counts.rejected },
  ]);
  return counts;
}

/** Which of several failures is the window's: the first of those that weigh most. */
function weightier(before: Failed | null, reason: Failed): Failed {
  return before === null || weight(reason) > weight(before) ? reason : before;
}

/** That another run has it, before what a person has to mend, before the rest. */
function weight(reason: Failed): number {
  return reason.type === TAKEN ? 3 : reason.type === 'Refused' ? 2 : blocks(reason) ? 1 : 0;
}

type ReadEnd =
  | { readonly kind: 'read'; readonly rows: number }
  /** There was nothing to deliver. */
  | { readonly kind: 'closed'; readonly counts: Counts }
  | { readonly kind: 'failed'; readonly reason: Failed };

/** Reads a window: at once when it is small, else slice by slice; one that is too large for one query is halved. */
async function readAll(
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

/** What a window shows of itself in lists, given to it by whoever starts it. */
export function windowSearchAttributes(pipeline: string, { from, to }: Window) {
  return [
    { key: MdtiPipeline, value: pipeline },
    { key: MdtiWindowFrom, value: new Date(from) },
    { key: MdtiWindowTo, value: new Date(to) },
  ];
}
