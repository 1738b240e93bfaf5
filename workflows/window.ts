import { allHandlersFinished, condition, continueAsNew, upsertSearchAttributes } from '@temporalio/workflow';
import type { Owner } from '../activities/window-ref.ts';
import type { Counts } from '../indicators/counts.ts';
import type { Slice, Window } from '../indicators/window.ts';
import { type Failed, failure, TAKEN } from './failures.ts';
import type { Steering } from './handles.ts';
import { closeWindow } from './proxies.ts';
import { MdtiDelivered, MdtiPipeline, MdtiRejected, MdtiWindowFrom, MdtiWindowTo } from './search-attributes.ts';
import { deliverAll } from './window-delivering.ts';
import { readAll } from './window-reading.ts';
import { scoreAll } from './window-scoring.ts';
import { isStopped, openWindow, type WindowState } from './window-state.ts';

export interface WindowInput extends Window {
  readonly pipeline: string;
  readonly windowId: number;
  readonly owner: Owner;
  readonly steering: Steering;
  /** A pause holds the reading, too; not so in a window that a run of an older build has started. */
  readonly pauseHoldsReading?: true;
  /** All is scored before anything is delivered; each batch by itself in a window that a run of an older build has started. */
  readonly scoresFirst?: true;
  /** What is left to extract, when whoever planned it has read it. */
  readonly slices?: readonly Slice[];
  /** Rows that whoever planned it has read. */
  readonly rows?: number;
  /** Set when the run before has extracted everything and handled the batches up to this one. */
  readonly carried?: Carried;
}

type Handled = Pick<WindowState, 'after' | 'failed' | 'firstFailure'>;

interface Carried extends Readonly<Handled> {
  /** What was read; a run of an earlier release does not say it. */
  readonly rows?: number;
  /** What it was at, where all is scored first. */
  readonly step?: 'scoring' | 'delivering';
}

/** Reads one window of ingestion time, scores what is new or changed, delivers it in batches, and closes the window. */
export async function window(input: WindowInput): Promise<Counts> {
  const { pipeline, windowId, owner, from, carried, scoresFirst = false } = input;
  const ref = { pipeline, windowId, owner, from };
  const begun = carried ?? { after: 0, failed: 0, firstFailure: null };
  const state = openWindow({ ...handled(begun), steering: input.steering });
  let rows = (carried === undefined ? input.rows : carried.rows) ?? 0;

  const fail = async (reason: Failed): Promise<never> => {
    if (reason.type === TAKEN) throw failure(reason);
    await closeWindow.executeWithOptions({ summary: 'leave the window open' }, [{ ...ref, failure: reason.message }]);
    throw failure(reason);
  };
  const failAs = ({ type, message }: Failed): Promise<never> => {
    const several = state.failed > 1 ? `${state.failed} batches failed; the first: ` : '';
    return fail({ type, message: `${several}${message}` });
  };
  const goOn = async (at: Pick<Carried, 'step'>): Promise<never> => {
    await condition(allHandlersFinished);
    const { steering } = state;
    return continueAsNew<typeof window>({ ...input, steering, carried: { ...handled(state), rows, ...at } });
  };

  if (carried === undefined) {
    state.step = 'reading';
    const read = await readAll(ref, input.slices ?? null, {
      isOpen: () => !state.steering.paused || input.pauseHoldsReading === undefined,
      onProgress: (change) => {
        state.done = change.done;
        state.total = change.total;
      },
    });
    if (read.kind === 'failed') return fail(read.reason);
    if (read.kind === 'closed') return read.counts;
    rows += read.rows;
  }

  if (scoresFirst && carried?.step !== 'delivering') {
    const isLeft = await scoreAll(ref, state);
    if (isLeft) return goOn({ step: 'scoring' });
    // What is scored is delivered, though some could not be.
    if (state.firstFailure !== null && isStopped(state)) return failAs(state.firstFailure);
    state.after = 0;
  }
  const isLeft = await deliverAll(ref, state, scoresFirst);
  if (isLeft) return goOn(scoresFirst ? { step: 'delivering' } : {});
  if (state.firstFailure !== null) return failAs(state.firstFailure);

  state.step = 'closing';
  const counts = await closeWindow.executeWithOptions({ summary: 'check the sums and close' }, [
    { ...ref, failure: null, read: { rows, by: owner } },
  ]);
  state.counts = counts;
  upsertSearchAttributes([
    { key: MdtiDelivered, value: counts.confirmed },
    { key: MdtiRejected, value: counts.rejected },
  ]);
  return counts;
}

function handled({ after, failed, firstFailure }: Handled): Handled {
  return { after, failed, firstFailure };
}

/** What a window shows of itself in lists, given to it by whoever starts it. */
export function windowSearchAttributes(pipeline: string, { from, to }: Window) {
  return [
    { key: MdtiPipeline, value: pipeline },
    { key: MdtiWindowFrom, value: new Date(from) },
    { key: MdtiWindowTo, value: new Date(to) },
  ];
}
