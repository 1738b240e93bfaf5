import type { Owned, WindowRef } from '../activities/window-ref.ts';
import { formBatches, score } from './proxies.ts';
import { BATCHES_A_RUN, type WindowState, workThrough } from './window-state.ts';

/** Decides all that a window has read, in parts that have nothing to do with how it is delivered. Returns whether more is left. */
export async function scoreAll(ref: Owned<WindowRef>, state: WindowState): Promise<boolean> {
  state.step = 'scoring';
  const formed = await formBatches.executeWithOptions({ summary: 'form batches to score' }, [
    { ...ref, after: state.after, limit: BATCHES_A_RUN, scoresFirst: true },
  ]);
  // A worker of an earlier release forms batches that are delivered as they are.
  const parts = { ...formed, open: formed.toScore ?? formed.open };
  const numberOf = (one: (typeof parts.open)[number]): number => ('scoring' in one ? one.scoring : one.batch);
  return workThrough(state, parts, numberOf, async ({ items, ...part }) => {
    const summary = `score ${items.toLocaleString('en')} indicators`;
    const scored = await score.executeWithOptions({ summary }, [{ ...ref, ...part }]);
    state.counts = { ...state.counts, held: state.counts.held + scored.hold };
  });
}
