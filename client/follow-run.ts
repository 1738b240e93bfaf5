import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { Counts } from '../indicators/counts.ts';
import type { Progress } from '../workflows/handles.ts';
import type { Temporal } from './connect.ts';
import { isPolled, noWorkerOn } from './no-worker.ts';
import { progressOf } from './running-runs.ts';
import { NoWorker } from './temporal-errors.ts';

/** `C` is what the run says in the end: those of a sync, unless it enriches. */
export type RunEnd<C = Counts> =
  | { readonly kind: 'completed'; readonly counts: C }
  /** The run goes on: it waits for a person. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** So does this one: somebody has paused it, and not just now. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RunProgress extends Progress {
  /** The windows that are under way, with what they say of themselves. */
  readonly windows: readonly Progress[];
}

/** How long a run is followed that does not get on: nobody is kept waiting without end. */
export interface Patience {
  /** Paused all the while. */
  readonly pausedMs: number;
  /** No answer, and no worker on its task queue. */
  readonly withoutWorkerMs: number;
  /** No answer, whoever seems to be there: Temporal shows a worker for minutes after it has ended. */
  readonly muteMs: number;
}

const PATIENCE: Patience = { pausedMs: 60_000, withoutWorkerMs: 60_000, muteMs: 600_000 };

/** How often a run is asked how far it is. */
const ASK_EVERY_MS = 500;

/**
 * Watches a run until it ends, or until it is blocked, or stays paused, and waits for a person. Throws `NoWorker` when nobody is there
 * who could get on with it.
 */
export async function followRun<C = Counts>(
  temporal: Temporal,
  workflowId: string,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
  patience: Patience = PATIENCE,
): Promise<RunEnd<C>> {
  // Waiting for the end is a call that stays open: it must not outlive the following.
  const following = new AbortController();
  const ended = temporal.connection.withAbortSignal(following.signal, () =>
    endOf<C>(temporal.client.workflow.getHandle(workflowId)),
  );
  // When the following stops first, nobody is left to hear how the call ended.
  ended.catch(() => undefined);
  try {
    return await follow(temporal, workflowId, ended, onProgress, signal, patience);
  } finally {
    following.abort();
  }
}

async function follow<C>(
  temporal: Temporal,
  workflowId: string,
  ended: Promise<RunEnd<C>>,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
  patience: Patience,
): Promise<RunEnd<C>> {
  let running = performance.now();
  let heard = performance.now();
  while (!signal.aborted) {
    const progress = await progressOf(temporal, workflowId);
    const now = performance.now();
    if (progress !== null) {
      heard = now;
      const windows = await Promise.all(progress.children.map((id) => progressOf(temporal, id)));
      onProgress({ ...progress, windows: windows.filter((window) => window !== null) });
      if (progress.state === 'blocked') return { kind: 'blocked', reason: progress.blocked ?? 'It does not say why.' };
    }
    if (progress !== null && progress.state !== 'paused') running = now;
    const end = await Promise.race([ended, sleep(ASK_EVERY_MS, null)]);
    if (end !== null) return end;
    if (progress === null) await requireWorker(temporal, workflowId, now - heard, patience);
    else if (now - running >= patience.pausedMs) return { kind: 'paused' };
  }
  throw signal.reason;
}

async function requireWorker(
  temporal: Temporal,
  workflowId: string,
  silentMs: number,
  { withoutWorkerMs, muteMs }: Patience,
): Promise<void> {
  if (silentMs < Math.min(withoutWorkerMs, muteMs)) return;
  const { taskQueue } = await temporal.client.workflow.getHandle(workflowId).describe();
  if (silentMs >= withoutWorkerMs && !(await isPolled(temporal, taskQueue))) {
    const { message } = noWorkerOn(taskQueue, temporal);
    throw new NoWorker(`${message} The run ${workflowId} waits for one.`);
  }
  if (silentMs >= muteMs) {
    throw new NoWorker(
      `The run ${workflowId} has not answered for ${Math.round(silentMs / 1_000)} s, although a worker is there: look at the worker's log, and at the run in the Temporal UI. The run goes on.`,
    );
  }
}

async function endOf<C>(handle: WorkflowHandle): Promise<RunEnd<C>> {
  try {
    const counts: C = await handle.result();
    return { kind: 'completed', counts };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { kind: 'failed', reason: error.cause?.message ?? error.message };
  }
}
