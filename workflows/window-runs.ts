import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  log,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Plan, WindowToDo } from '../activities/plan.ts';
import type { Owner } from '../activities/window-ref.ts';
import { addCounts, type Counts, NOTHING } from '../indicators/counts.ts';
import { expectedEnd } from './expected-end.ts';
import { ENDED, type Failed, failedWith, failure, TAKEN } from './failures.ts';
import type { RunState, Steering } from './handles.ts';
import { runLanes } from './lanes.ts';
import { windowWorkflowId } from './names.ts';
import { closeWindow, releaseWindows } from './proxies.ts';
import { MdtiDelivered, MdtiRejected, MdtiState } from './search-attributes.ts';
import { steerRun } from './steered-run.ts';
import { runWindow, steerWindow } from './window-child.ts';

/** What a sync and a backfill have in common: windows to run, and an operator who watches and steers. */
export interface WindowJob {
  readonly pipeline: string;
  /** In sentences. */
  readonly called: 'sync' | 'backfill';
  /** Windows under way at once. */
  readonly width: number;
  /** Lower goes first wherever work waits. */
  readonly priorityKey: number;
  /** The windows to run next; a window that has failed under this owner is not among them. */
  readonly plan: (owner: Owner) => Promise<Plan>;
  /** Whether it ends only when what other runs are at work on is done, by them or else by itself. */
  readonly waitsForOthers: boolean;
  readonly carried: Carried | null;
  /** What it shows in lists already. A run that shows nothing shows nothing either while, and if, it has nothing to do. */
  readonly shown: RunState | null;
}

/** What a run hands to the next one of its chain. */
export interface Carried {
  readonly counts: Counts;
  readonly failed: readonly Failed[];
  readonly steering: Steering;
  readonly done: number;
  /** When the chain began, in milliseconds since 1970. */
  readonly begun: number;
}

export type JobEnd =
  | { readonly kind: 'finished'; readonly counts: Counts; readonly failed: readonly Failed[] }
  | { readonly kind: 'to be continued'; readonly carried: Carried };

/** Failures that are named; all are counted by their windows' states. */
const FAILURES_KEPT = 10;

/** How soon a run looks again for what others are at work on: less and less often. */
const LOOK_AGAIN_MS = { first: 10_000, longest: 120_000 } as const;

/**
 * Runs windows until none is left; fails, once all have been tried, when one of them failed. A run that ends early, as one that is
 * cancelled, leaves its own windows, and only those, to whoever comes next.
 */
export async function runWindows(job: WindowJob): Promise<JobEnd> {
  const { workflowId, firstExecutionRunId: runId } = workflowInfo();
  const owner = { workflowId, runId };
  let end: JobEnd;
  try {
    end = await runPlanned(job, owner);
  } catch (error) {
    const reason = `the ${job.called} ${isCancellation(error) ? 'was cancelled' : 'failed'}`;
    await CancellationScope.nonCancellable(() => release(job.pipeline, owner, reason));
    throw error;
  }
  if (end.kind === 'finished') throwIfAny(end.failed);
  return end;
}

/** A ledger that is not fit for it, as one that is damaged, keeps no run from its end: the next one sees that this one is over. */
async function release(pipeline: string, owner: Owner, reason: string): Promise<void> {
  try {
    await releaseWindows.executeWithOptions({ summary: 'leave unfinished windows to the next' }, [
      { pipeline, owner, reason },
    ]);
  } catch (error) {
    log.warn('unfinished windows could not be released', { error });
  }
}

async function runPlanned(job: WindowJob, owner: Owner): Promise<JobEnd> {
  const { pipeline, carried, priorityKey } = job;
  let counts: Counts = carried?.counts ?? NOTHING;
  const failed: Failed[] = [...(carried?.failed ?? [])];
  let warning: string | null = null;
  let step = 'asking coverage what is missing';
  let done = carried?.done ?? 0;
  let total = done;
  const begun = carried?.begun ?? Date.now();
  const children = new Map<string, WindowToDo>();
  const { steering, resumed, isBlocked, shown, show, untilAllowed } = steerRun({
    pipeline,
    steering: carried?.steering ?? { paused: false, lanes: null },
    shown: job.shown,
    progress: () => ({
      warning,
      step,
      done,
      total,
      counts,
      expectedEnd: expectedEnd(begun, done, total),
      children: [...children.keys()],
    }),
    isDone: () => step === 'done',
    isBusy: () => children.size > 0,
    passOn: async (wish) => {
      await Promise.all([...children.keys()].map((id) => steerWindow(id, wish)));
    },
  });

  /** Returns whether another run has taken it up: then what becomes of it is not counted here. */
  const runOne = async (one: WindowToDo): Promise<boolean> => {
    const workflowId = windowWorkflowId(owner.workflowId, one.from);
    const child = { workflowId, pipeline, owner, window: one, priorityKey, steering };
    children.set(workflowId, one);
    show();
    let isTaken = false;
    try {
      const result = await untilAllowed(workflowId, () => runWindow(child));
      // Others were counted meanwhile.
      counts = addCounts(counts, result);
    } catch (error) {
      const reason = failedWith(error);
      isTaken = reason.type === TAKEN;
      if (!isTaken) failed.push(reason);
      if (reason.type === ENDED) await leaveOpen(one, reason.message);
    }
    children.delete(workflowId);
    if (isTaken) total -= 1;
    else done += 1;
    show();
    return isTaken;
  };
  /** A window that could not do so itself. */
  const leaveOpen = async ({ id: windowId, from }: WindowToDo, message: string): Promise<void> => {
    await closeWindow.executeWithOptions({ summary: 'leave the window open' }, [
      { pipeline, windowId, from, owner, failure: message },
    ]);
  };

  for (let waitMs: number = LOOK_AGAIN_MS.first; ; waitMs = Math.min(2 * waitMs, LOOK_AGAIN_MS.longest)) {
    show();
    await condition(() => !steering().paused);
    const planned = await untilAllowed('plan', () => job.plan(owner));
    if (warning === null && planned.warning !== null) log.warn('the source is silent', { warning: planned.warning });
    warning = planned.warning;
    if (planned.closed !== null) {
      counts = addCounts(counts, planned.closed);
      done += 1;
    }
    const waiting = [...planned.windows];
    let others = planned.others;
    total = done + planned.remaining;
    step = total === 0 ? 'nothing is missing' : 'reading windows';
    await runLanes({
      width: () => job.width,
      open: () => !steering().paused && !isBlocked(),
      next: () => (workflowInfo().continueAsNewSuggested ? undefined : waiting.shift()),
      work: async (one) => {
        if (await runOne(one)) others += 1;
      },
    });
    await condition(allHandlersFinished);
    const isWaiting = job.waitsForOthers && others > 0;
    const isLong = isWaiting && workflowInfo().continueAsNewSuggested;
    if (waiting.length > 0 || planned.remaining > planned.windows.length || isLong) {
      return {
        kind: 'to be continued',
        carried: { counts, failed: failed.slice(0, FAILURES_KEPT), steering: steering(), done, begun },
      };
    }
    if (!isWaiting) break;
    step = `waiting for other runs, which are at work on ${others} of its windows`;
    show();
    const before = resumed();
    await condition(() => resumed() > before, waitMs);
  }
  step = 'done';
  if (shown() !== null) {
    upsertSearchAttributes([
      { key: MdtiState, value: 'done' },
      { key: MdtiDelivered, value: counts.confirmed },
      { key: MdtiRejected, value: counts.rejected },
    ]);
  }
  show();
  return { kind: 'finished', counts, failed };
}

function throwIfAny(failed: readonly Failed[]): void {
  const [first] = failed;
  if (first === undefined) return;
  const others = failed.length > 1 ? ` ${failed.length} windows failed; this is the first.` : '';
  throw failure({ type: first.type, message: `${first.message}${others} The next run takes them up again.` });
}
