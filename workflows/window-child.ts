import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ApplicationFailure, getExternalWorkflowHandle, patched, sleep, startChild } from '@temporalio/workflow';
import type { WindowToDo } from '../activities/plan.ts';
import type { Owner } from '../activities/window-ref.ts';
import type { Counts } from '../indicators/counts.ts';
import { type Steering, steerSignal } from './handles.ts';
import { shortTime } from './names.ts';
import { window, windowSearchAttributes } from './window.ts';

export interface WindowChild {
  readonly workflowId: string;
  readonly pipeline: string;
  readonly owner: Owner;
  readonly window: WindowToDo;
  readonly priorityKey: number;
  /** The newest wish, whenever it is started. */
  readonly steering: () => Steering;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Runs a window as a child. Where the same run was terminated and started again, the server may still be ending the child of before:
 * that is waited for.
 */
export async function runWindow({ workflowId, pipeline, owner, ...child }: WindowChild): Promise<Counts> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const steering = child.steering();
    const given = {
      pipeline,
      windowId: child.window.id,
      owner,
      steering,
      pauseHoldsReading: true,
      scoresFirst: true,
    } as const;
    try {
      const started = await startChild(window, {
        workflowId,
        args: [{ ...child.window, ...given }],
        priority: { priorityKey: child.priorityKey },
        staticSummary: `${pipeline}: ${shortTime(child.window.from)} to ${shortTime(child.window.to)}`,
        typedSearchAttributes: windowSearchAttributes(pipeline, child.window),
      });
      // A wish that came before there was anybody to hear it.
      if (child.steering() !== steering && patched('steer a late child'))
        await steerWindow(workflowId, child.steering());
      return await started.result();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
}

/** A window that has ended meanwhile has nothing to steer: when it is run again, it is given the newest wish. */
export async function steerWindow(workflowId: string, wish: Steering): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(steerSignal, wish);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.type !== 'ExternalWorkflowExecutionNotFound') throw error;
  }
}
