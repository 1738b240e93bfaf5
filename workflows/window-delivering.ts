import { executeChild, workflowInfo } from '@temporalio/workflow';
import type { Owned, WindowRef } from '../activities/window-ref.ts';
import { batch } from './batch.ts';
import { batchWorkflowId } from './names.ts';
import { formBatches, orderBatches } from './proxies.ts';
import { MdtiPipeline } from './search-attributes.ts';
import { BATCHES_A_RUN, type WindowState, workThrough } from './window-state.ts';

/**
 * Runs a batch for each thousand that are to be delivered, or that are to be scored and delivered where the window was not scored before.
 * Returns whether more is left.
 */
export async function deliverAll(ref: Owned<WindowRef>, state: WindowState, isScored: boolean): Promise<boolean> {
  const input = { ...ref, after: state.after, limit: BATCHES_A_RUN };
  const formed = isScored
    ? await orderBatches.executeWithOptions({ summary: 'order batches by what shares a request' }, [input])
    : await formBatches.executeWithOptions({ summary: 'form batches' }, [input]);
  state.step = 'delivering';
  const numberOf = (one: { readonly batch: number }): number => one.batch;
  return workThrough(state, formed, numberOf, async ({ batch: number, items }) => {
    const workflowId = batchWorkflowId(workflowInfo().workflowId, number);
    state.children.add(workflowId);
    try {
      const tally = await executeChild(batch, {
        workflowId,
        args: [{ ...ref, batch: number, items, ...(isScored ? { isScored } : {}) }],
        staticSummary: `batch ${number} of ${state.total}: ${items.toLocaleString('en')} indicators`,
        typedSearchAttributes: [{ key: MdtiPipeline, value: ref.pipeline }],
      });
      const { counts } = state;
      state.counts = {
        ...counts,
        confirmed: counts.confirmed + tally.confirmed,
        rejected: counts.rejected + tally.rejected,
        held: counts.held + (isScored ? 0 : tally.hold),
      };
    } finally {
      state.children.delete(workflowId);
    }
  });
}
