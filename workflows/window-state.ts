import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { type Counts, NOTHING } from '../indicators/counts.ts';
import { blocks, type Failed, failedWith, TAKEN } from './failures.ts';
import { type Progress, progressQuery, type Steering, steerSignal } from './handles.ts';
import { runLanes } from './lanes.ts';

/** What a window is at, as those see it who ask, and what has failed of it. */
export interface WindowState {
  steering: Steering;
  step: string;
  done: number;
  total: number;
  counts: Counts;
  /** Numbers up to this one were handled in this step. */
  after: number;
  failed: number;
  firstFailure: Failed | null;
  readonly children: Set<string>;
}

/** Failures after which nothing else is begun. */
const STOPS: ReadonlySet<string> = new Set(['Refused', TAKEN]);
/** Steps or children of one run: far below what a history can hold. */
export const BATCHES_A_RUN = 400;

/** Lets a window be asked and steered. */
export function openWindow(begun: Pick<WindowState, 'steering' | 'after' | 'failed' | 'firstFailure'>): WindowState {
  const state: WindowState = { ...begun, step: 'planning', done: 0, total: 0, counts: NOTHING, children: new Set() };
  setHandler(steerSignal, (wish) => {
    state.steering = wish;
  });
  setHandler(
    progressQuery,
    (): Progress => ({
      state: state.steering.paused ? 'paused' : 'running',
      blocked: null,
      warning: null,
      step: state.step,
      done: state.done,
      total: state.total,
      counts: state.counts,
      expectedEnd: null,
      children: [...state.children],
    }),
  );
  return state;
}

export function isStopped({ firstFailure }: WindowState): boolean {
  return firstFailure !== null && STOPS.has(firstFailure.type);
}

/** A step of a window: what the ledger has put into batches for it. */
export interface Batches<T> {
  /** All of the window. */
  readonly batches: number;
  /** Those that need work. */
  readonly open: readonly T[];
  readonly lanes: number;
}

/**
 * Works through the batches of a step in lanes, those after `state.after`. What fails is written down. Returns whether it is to go on as
 * a new run, after `state.after`.
 */
export async function workThrough<T>(
  state: WindowState,
  { batches, open, lanes }: Batches<T>,
  numberOf: (one: T) => number,
  work: (one: T) => Promise<void>,
): Promise<boolean> {
  state.done = batches - open.length;
  state.total = batches;
  const waiting = [...open];
  const mayGoOn = (): boolean => !isStopped(state) && !workflowInfo().continueAsNewSuggested;
  await runLanes({
    width: () => state.steering.lanes ?? lanes,
    open: () => !state.steering.paused,
    next: () => (mayGoOn() ? waiting.shift() : undefined),
    async work(one) {
      try {
        await work(one);
      } catch (error) {
        state.failed += 1;
        state.firstFailure = weightier(state.firstFailure, failedWith(error));
      }
      state.after = Math.max(state.after, numberOf(one));
      state.done += 1;
      show(state);
    },
  });
  const [next] = waiting;
  if (next !== undefined) state.after = numberOf(next) - 1;
  return !isStopped(state) && (next !== undefined || open.length === BATCHES_A_RUN);
}

/** For the User Metadata tab. */
function show({ step, done, total, counts }: WindowState): void {
  const n = (count: number): string => count.toLocaleString('en');
  const lines = [`${step}: ${n(done)} of ${n(total)} batches`, `held: ${n(counts.held)}`];
  const sent = [`confirmed: ${n(counts.confirmed)}`, `rejected: ${n(counts.rejected)}`];
  setCurrentDetails([...lines, ...(step === 'scoring' ? [] : sent)].map((line) => `- ${line}`).join('\n'));
}

/** Which of several failures is the window's: the first of those that weigh most. */
export function weightier(before: Failed | null, reason: Failed): Failed {
  return before === null || weight(reason) > weight(before) ? reason : before;
}

/** That another run has it, before what a person has to mend, before the rest. */
function weight(reason: Failed): number {
  return reason.type === TAKEN ? 3 : reason.type === 'Refused' ? 2 : blocks(reason) ? 1 : 0;
}
