import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Plan, WindowToDo } from '../activities/plan.ts';
import { addCounts, type Counts, NOTHING } from '../indicators/counts.ts';
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
import { MdtiDelivered, MdtiRejected, MdtiState } from './search-attributes.ts';
import { window, windowSearchAttributes } from './window.ts';

/** What a sync and a backfill have in common: windows to run, and an operator who watches and steers. */
export interface WindowJob {
  readonly pipeline: string;
  /** Windows under way at once. */
  readonly width: number;
  /** Lower goes first wherever work waits. */
  readonly priorityKey: number;
  /** The windows to run next, those from `after` on. */
  readonly plan: (after: string | null) => Promise<Plan>;
  readonly carried: Carried | null;
  /** What it shows in lists already. A run that shows nothing shows nothing either while, and if, it has nothing to do. */
  readonly shown: RunState | null;
}

/** What a run hands to the next one of its chain. */
export interface Carried {
  readonly counts: Counts;
  readonly failed: readonly Failed[];
  readonly steering: Steering;
  /** Windows before this instant were handled. */
  readonly after: string;
  readonly done: number;
  /** When the chain began, in milliseconds since 1970. */
  readonly begun: number;
}

export type JobEnd =
  | { readonly kind: 'finished'; readonly counts: Counts }
  | { readonly kind: 'to be continued'; readonly carried: Carried };

/** A blocked run looks by itself whether it may go on. */
const PROBE_EVERY = '1h';
/** Failures that are named; all are counted by their windows' states. */
const FAILURES_KEPT = 10;

/** Runs the windows of one plan; fails, once all have been tried, when one of them failed. */
export async function runWindows(job: WindowJob): Promise<JobEnd> {
  const { pipeline, carried, priorityKey } = job;
  let steering: Steering = carried?.steering ?? { paused: false, lanes: null };
  let counts: Counts = carried?.counts ?? NOTHING;
  const failed: Failed[] = [...(carried?.failed ?? [])];
  let blocked: string | null = null;
  let warning: string | null = null;
  let resumed = 0;
  let step = 'asking coverage what is missing';
  let done = carried?.done ?? 0;
  let total = done;
  const begun = carried?.begun ?? Date.now();
  let shown = job.shown;
  const children = new Map<string, WindowToDo>();

  const state = (): RunState => {
    if (step === 'done') return 'done';
    if (blocked !== null) return 'blocked';
    return steering.paused ? 'paused' : 'running';
  };
  const progress = (): Progress => ({
    state: state(),
    blocked,
    warning,
    step,
    done,
    total,
    counts,
    expectedEnd: expectedEnd(begun, done, total),
    children: [...children.keys()],
  });
  const show = (): void => {
    const now = state();
    // Each upsert is an event of the history, and an action, so only a change is one.
    if (now !== shown && (now !== 'running' || children.size > 0 || shown !== null)) {
      upsertSearchAttributes([{ key: MdtiState, value: now }]);
      shown = now;
    }
    setCurrentDetails(progressDetails(pipeline, progress()));
  };
  const steer = async (wish: Steering): Promise<void> => {
    steering = wish;
    show();
    await Promise.all([...children.keys()].map((id) => steerWindow(id, wish)));
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

  show();
  const planned = await untilAllowed(() => job.plan(carried?.after ?? null));
  warning = planned.warning;
  if (warning !== null) log.warn('the source is silent', { warning });
  if (planned.closed !== null) {
    counts = addCounts(counts, planned.closed);
    done += 1;
  }
  const waiting = [...planned.windows];
  total = done + planned.remaining;
  step = total === 0 ? 'nothing is missing' : 'reading windows';
  await runLanes({
    width: () => job.width,
    open: () => !steering.paused && blocked === null,
    next: () => (workflowInfo().continueAsNewSuggested ? undefined : waiting.shift()),
    work: async (one) => {
      const workflowId = windowWorkflowId(pipeline, one.from);
      children.set(workflowId, one);
      show();
      try {
        const result = await untilAllowed(() =>
          executeChild(window, {
            workflowId,
            args: [{ ...one, pipeline, windowId: one.id, steering }],
            priority: { priorityKey },
            staticSummary: `${pipeline}: ${shortTime(one.from)} to ${shortTime(one.to)}`,
            typedSearchAttributes: windowSearchAttributes(pipeline, one),
          }),
        );
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
  const after = waiting[0]?.from ?? planned.windows.at(-1)?.to;
  if (after !== undefined && done < total) {
    return {
      kind: 'to be continued',
      carried: { counts, failed: failed.slice(0, FAILURES_KEPT), steering, after, done, begun },
    };
  }
  step = 'done';
  if (shown !== null) {
    upsertSearchAttributes([
      { key: MdtiState, value: 'done' },
      { key: MdtiDelivered, value: counts.confirmed },
      { key: MdtiRejected, value: counts.rejected },
    ]);
  }
  setCurrentDetails(progressDetails(pipeline, progress()));
  throwIfAny(failed);
  return { kind: 'finished', counts };
}

/** Windows are alike enough to go by their number; `Date.now()` is the workflow's own, replayable time. */
function expectedEnd(begun: number, done: number, total: number): string | null {
  if (done === 0 || done >= total) return null;
  const now = Date.now();
  return new Date(now + ((now - begun) / done) * (total - done)).toISOString();
}

/** A window that has ended meanwhile has nothing to steer: when it is run again, it is given the newest wish. */
async function steerWindow(workflowId: string, wish: Steering): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(steerSignal, wish);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.type !== 'ExternalWorkflowExecutionNotFound') throw error;
  }
}

function throwIfAny(failed: readonly Failed[]): void {
  const [first] = failed;
  if (first === undefined) return;
  const others = failed.length > 1 ? ` ${failed.length} windows failed; this is the first.` : '';
  throw failure({ type: first.type, message: `${first.message}${others} The next run takes them up again.` });
}

function assertLanes(lanes: number): void {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 100) {
    throw new Error(`The concurrency is a whole number from 1 to 100, not ${lanes}.`);
  }
}
