import {
  allHandlersFinished,
  condition,
  continueAsNew,
  executeChild,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { addCounts, type Counts, NOTHING } from '../indicators/counts.ts';
import type { PlannedWindow } from '../ledger/windows.ts';
import { type Failed, failedWith, failure } from './failures.ts';
import {
  type Progress,
  pauseUpdate,
  progressQuery,
  type RunState,
  resumeUpdate,
  type Steering,
  setConcurrencyUpdate,
  steerSignal,
} from './handles.ts';
import { runLanes } from './lanes.ts';
import { shortTime, windowWorkflowId } from './names.ts';
import { progressDetails } from './progress-details.ts';
import { plan } from './proxies.ts';
import { MdtiDelivered, MdtiPipeline, MdtiRejected, MdtiState } from './search-attributes.ts';
import { window, windowSearchAttributes } from './window.ts';

export interface SyncInput {
  readonly pipeline: string;
  /** What the runs before this one, in the same chain, have done. */
  readonly carried?: {
    readonly counts: Counts;
    readonly failed: readonly Failed[];
    readonly steering: Steering;
    /** Windows before this instant were handled. */
    readonly after: string;
  };
}

/** Windows that a live run reads at once: one delivers while the next is read. */
const WINDOWS_AT_ONCE = 2;
const WINDOWS_A_RUN = 100;
/** Live work goes before backfills wherever both wait. */
const LIVE_PRIORITY = 2;
/** A blocked run looks by itself whether it may go on. */
const PROBE_EVERY = '1h';

/** One scheduled run: reads every window that coverage is missing, and says what became of each row. */
export async function sync(input: SyncInput): Promise<Counts> {
  const { pipeline } = input;
  let steering: Steering = input.carried?.steering ?? { paused: false, lanes: null };
  let counts: Counts = input.carried?.counts ?? NOTHING;
  const failed: Failed[] = [...(input.carried?.failed ?? [])];
  let blocked: string | null = null;
  let resumed = 0;
  let step = 'asking coverage what is missing';
  let done = 0;
  let total = 0;
  const children = new Map<string, PlannedWindow>();

  const state = (): RunState => {
    if (blocked !== null) return 'blocked';
    return steering.paused ? 'paused' : 'running';
  };
  const progress = (): Progress => ({
    state: state(),
    blocked,
    step,
    done,
    total,
    counts,
    children: [...children.keys()],
  });
  const show = (): void => {
    upsertSearchAttributes([{ key: MdtiState, value: state() }]);
    setCurrentDetails(progressDetails(pipeline, progress()));
  };
  const steer = async (wish: Steering): Promise<void> => {
    steering = wish;
    show();
    await Promise.all([...children.keys()].map((id) => getExternalWorkflowHandle(id).signal(steerSignal, wish)));
  };

  setHandler(progressQuery, progress);
  setHandler(pauseUpdate, async () => {
    await steer({ ...steering, paused: true });
    return state();
  });
  setHandler(resumeUpdate, async () => {
    resumed += 1;
    await steer({ ...steering, paused: false });
    return state();
  });
  setHandler(
    setConcurrencyUpdate,
    async (lanes) => {
      await steer({ ...steering, lanes });
      return lanes;
    },
    { validator: assertLanes },
  );

  /** Tries until nobody refuses: between tries the run is blocked, and a person can help. */
  const untilAllowed = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const reason = failedWith(error);
        if (reason.type !== 'Refused') throw error;
        const before = resumed;
        blocked = reason.message;
        show();
        await condition(() => resumed > before, PROBE_EVERY);
        blocked = null;
        show();
      }
    }
  };

  upsertSearchAttributes([
    { key: MdtiPipeline, value: pipeline },
    { key: MdtiState, value: 'running' },
  ]);
  const planned = await untilAllowed(() =>
    plan.executeWithOptions({ summary: 'ask coverage what is missing' }, [
      { pipeline, limit: WINDOWS_A_RUN, after: input.carried?.after ?? null },
    ]),
  );
  const waiting = [...planned.windows];
  total = waiting.length;
  step = total === 0 ? 'nothing is missing' : 'reading windows';
  await runLanes({
    width: () => WINDOWS_AT_ONCE,
    open: () => !steering.paused && blocked === null,
    next: () => (workflowInfo().continueAsNewSuggested ? undefined : waiting.shift()),
    work: async (one) => {
      const workflowId = windowWorkflowId(pipeline, one.from);
      try {
        const result = await untilAllowed(async () => {
          children.set(workflowId, one);
          show();
          return executeChild(window, {
            workflowId,
            args: [{ ...one, pipeline, windowId: one.id, steering, priorityKey: LIVE_PRIORITY }],
            priority: { priorityKey: LIVE_PRIORITY },
            staticSummary: `${pipeline}: ${shortTime(one.from)} to ${shortTime(one.to)}`,
            typedSearchAttributes: windowSearchAttributes(pipeline, one),
          });
        });
        counts = addCounts(counts, result);
      } catch (error) {
        failed.push(failedWith(error));
      }
      children.delete(workflowId);
      done += 1;
      show();
    },
  });
  await condition(allHandlersFinished);
  if (waiting.length > 0 || planned.windows.length === WINDOWS_A_RUN) {
    const after = waiting[0]?.from ?? planned.windows.at(-1)?.to ?? '';
    return continueAsNew<typeof sync>({ pipeline, carried: { counts, failed: failed.slice(0, 10), steering, after } });
  }
  step = 'done';
  upsertSearchAttributes([
    { key: MdtiState, value: 'done' },
    { key: MdtiDelivered, value: counts.confirmed },
    { key: MdtiRejected, value: counts.rejected },
  ]);
  setCurrentDetails(progressDetails(pipeline, progress()));
  const [first] = failed;
  if (first !== undefined) {
    const others = failed.length > 1 ? ` ${failed.length} windows failed; this is the first.` : '';
    throw failure({ type: first.type, message: `${first.message}${others} The next run takes them up again.` });
  }
  return counts;
}

function assertLanes(lanes: number): void {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 100) {
    throw new Error(`The concurrency is a whole number from 1 to 100, not ${lanes}.`);
  }
}
